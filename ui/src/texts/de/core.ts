// What every page says, as one file.
export { nav } from './nav'
export { parts } from './parts'
export { problems } from './problems'
export { shell } from './shell'
