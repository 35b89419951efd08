// What the pages are called in the navigation.
export const nav = {
  dashboards: 'Dashboards',
  explore: 'Explore',
  days: 'Days',
  streams: 'Streams',
  operations: 'Operations',
  settings: 'Settings',
}
