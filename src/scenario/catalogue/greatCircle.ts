/**
 * Distance over the sphere from + - * / and square root only, so that every JavaScript engine gives the same bits
 * (the host's sine and arctangent differ between engines in the last place).
 */

/** Mean radius of the Earth (IUGG R1). The sphere itself is up to 0.6 % off the ellipsoid. */
export const EARTH_RADIUS_KM = 6371.0088;

/** A point on the Earth, degrees. */
export interface Coordinates {
  readonly latitude: number;
  readonly longitude: number;
}

/**
 * Great-circle distance in km, symmetric to the bit; relative error below 1e-9 for points more than a metre apart.
 *
 * The angle is taken from both its sine and its cosine, which keeps the digits that the haversine loses at the antipodes and
 * the arc cosine loses between neighbours. The southern point comes first so that both orders do the same arithmetic.
 */
export function greatCircleKm(a: Coordinates, b: Coordinates): number {
  const [south, north] = a.latitude <= b.latitude ? [a, b] : [b, a];
  const turn = Math.abs(a.longitude - b.longitude);
  const sinHalfTurn = sinDegrees(turn / 2);
  const sinSouth = sinDegrees(south.latitude);
  const cosNorth = cosDegrees(north.latitude);
  const east = cosNorth * sinDegrees(turn);
  // cos S · sin N − sin S · cos N · cos turn, rearranged so that neighbours are not a difference of equals.
  const up =
    sinDegrees(north.latitude - south.latitude) + 2 * sinSouth * cosNorth * sinHalfTurn * sinHalfTurn;
  const cosine =
    sinSouth * sinDegrees(north.latitude) + cosDegrees(south.latitude) * cosNorth * cosDegrees(turn);
  return EARTH_RADIUS_KM * angle(Math.sqrt(east * east + up * up), cosine);
}

/** The angle 0..π with this sine (>= 0) and cosine. */
function angle(sine: number, cosine: number): number {
  if (sine > Math.abs(cosine)) return Math.PI / 2 - arctan(cosine / sine);
  return cosine >= 0 ? arctan(sine / cosine) : Math.PI - arctan(sine / -cosine);
}

/** Arctangent of -1..1, radians: three halvings bring it under 0.1, where ten terms reach the last digit. */
function arctan(x: number): number {
  let y = x;
  for (let i = 0; i < 3; i++) y = y / (1 + Math.sqrt(1 + y * y));
  const square = y * y;
  let sum = 0;
  for (let n = 19; n >= 1; n -= 2) sum = 1 / n - square * sum;
  return 8 * y * sum;
}

/** Sine of an angle in degrees. Whole quarter turns are removed in degrees, where that is exact. */
export function sinDegrees(degrees: number): number {
  const quarters = Math.round(degrees / 90);
  const x = ((degrees - quarters * 90) * Math.PI) / 180;
  const value = quarters % 2 === 0 ? sinSeries(x) : cosSeries(x);
  const turn = ((quarters % 4) + 4) % 4;
  return turn >= 2 ? -value : value;
}

/** Cosine of an angle in degrees. */
export function cosDegrees(degrees: number): number {
  return sinDegrees(degrees + 90);
}

/** Taylor series of the sine for |x| <= π/4: the first term left out is below 1e-19. */
function sinSeries(x: number): number {
  const square = x * x;
  let sum = 1;
  for (let n = 18; n >= 2; n -= 2) sum = 1 - (square * sum) / (n * (n + 1));
  return x * sum;
}

/** Taylor series of the cosine for |x| <= π/4. */
function cosSeries(x: number): number {
  const square = x * x;
  let sum = 1;
  for (let n = 17; n >= 1; n -= 2) sum = 1 - (square * sum) / (n * (n + 1));
  return sum;
}
