// The world as a flat picture: what crosses the date line is drawn in one piece, and the far south is left out.
import type { Feature, FeatureCollection, Geometry, Position } from 'geojson'

const ANTARCTICA = '010'
const HALF = 180

/** Give the countries of a map so that no border runs across all of it. */
export function unwrapped(world: FeatureCollection): FeatureCollection {
  const features = world.features.filter(({ id }) => id !== ANTARCTICA)
  return { ...world, features: features.map((one): Feature => ({ ...one, geometry: flat(one.geometry) })) }
}

function flat(geometry: Geometry): Geometry {
  if (geometry.type === 'Polygon') return { ...geometry, coordinates: geometry.coordinates.map(ring) }
  if (geometry.type === 'MultiPolygon')
    return { ...geometry, coordinates: geometry.coordinates.map((one) => one.map(ring)) }
  return geometry
}

/** A ring that jumps over the date line goes on beyond it. */
function ring(points: Position[]): Position[] {
  const jumps = points.some(([x = 0], i) => Math.abs(x - (points[i - 1]?.[0] ?? x)) > HALF)
  return jumps ? points.map(([x = 0, y = 0]) => [x < 0 ? x + 2 * HALF : x, y]) : points
}
