// What the pages are called in the navigation.
export const nav = {
  dashboards: 'Dashboards',
  explore: 'Explore',
  exports: 'Exports',
  days: 'Days',
  streams: 'Streams',
  operations: 'Operations',
  settings: 'Settings',
}
