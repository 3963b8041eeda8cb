/**
 * The largest metropolis of each US state and the District of Columbia: state, city, latitude, longitude, UTC offset
 * in standard time (hours).
 *
 * General geographic knowledge at city level (0.01 degree); no measurement hangs on it beyond its distance. States
 * in two time zones take the zone of the city.
 */
export type UsStateRow = readonly [
  state: string,
  city: string,
  latitude: number,
  longitude: number,
  utcOffsetHours: number,
];

/** Metropolises by state code; a state is here once. */
export const US_STATE_ROWS: readonly UsStateRow[] = [
  ["AK", "Anchorage", 61.22, -149.9, -9],
  ["AL", "Birmingham", 33.52, -86.81, -6],
  ["AR", "Little Rock", 34.75, -92.29, -6],
  ["AZ", "Phoenix", 33.45, -112.07, -7],
  ["CA", "Los Angeles", 34.05, -118.24, -8],
  ["CO", "Denver", 39.74, -104.99, -7],
  ["CT", "Hartford", 41.76, -72.69, -5],
  ["DC", "Washington", 38.91, -77.04, -5],
  ["DE", "Wilmington", 39.75, -75.55, -5],
  ["FL", "Miami", 25.76, -80.19, -5],
  ["GA", "Atlanta", 33.75, -84.39, -5],
  ["HI", "Honolulu", 21.31, -157.86, -10],
  ["IA", "Des Moines", 41.59, -93.62, -6],
  ["ID", "Boise", 43.62, -116.2, -7],
  ["IL", "Chicago", 41.88, -87.63, -6],
  ["IN", "Indianapolis", 39.77, -86.16, -5],
  ["KS", "Wichita", 37.69, -97.34, -6],
  ["KY", "Louisville", 38.25, -85.76, -5],
  ["LA", "New Orleans", 29.95, -90.07, -6],
  ["MA", "Boston", 42.36, -71.06, -5],
  ["MD", "Baltimore", 39.29, -76.61, -5],
  ["ME", "Portland", 43.66, -70.26, -5],
  ["MI", "Detroit", 42.33, -83.05, -5],
  ["MN", "Minneapolis", 44.98, -93.27, -6],
  ["MO", "St. Louis", 38.63, -90.2, -6],
  ["MS", "Jackson", 32.3, -90.18, -6],
  ["MT", "Billings", 45.78, -108.5, -7],
  ["NC", "Charlotte", 35.23, -80.84, -5],
  ["ND", "Fargo", 46.88, -96.79, -6],
  ["NE", "Omaha", 41.26, -95.93, -6],
  ["NH", "Manchester", 42.99, -71.46, -5],
  ["NJ", "Newark", 40.74, -74.17, -5],
  ["NM", "Albuquerque", 35.08, -106.65, -7],
  ["NV", "Las Vegas", 36.17, -115.14, -8],
  ["NY", "New York", 40.71, -74.01, -5],
  ["OH", "Columbus", 39.96, -83, -5],
  ["OK", "Oklahoma City", 35.47, -97.52, -6],
  ["OR", "Portland", 45.52, -122.68, -8],
  ["PA", "Philadelphia", 39.95, -75.17, -5],
  ["RI", "Providence", 41.82, -71.41, -5],
  ["SC", "Greenville", 34.85, -82.39, -5],
  ["SD", "Sioux Falls", 43.55, -96.73, -6],
  ["TN", "Nashville", 36.16, -86.78, -6],
  ["TX", "Dallas", 32.78, -96.8, -6],
  ["UT", "Salt Lake City", 40.76, -111.89, -7],
  ["VA", "Virginia Beach", 36.85, -75.98, -5],
  ["VT", "Burlington", 44.48, -73.21, -5],
  ["WA", "Seattle", 47.61, -122.33, -8],
  ["WI", "Milwaukee", 43.04, -87.91, -6],
  ["WV", "Charleston", 38.35, -81.63, -5],
  ["WY", "Cheyenne", 41.14, -104.82, -7],
];
