/** A row of the tables of cloud regions: coordinates in degrees, at city level. */
export type RegionRow = readonly [
  regionId: string,
  city: string,
  /** ISO 3166-1 alpha-2. */
  country: string,
  latitude: number,
  longitude: number,
];
