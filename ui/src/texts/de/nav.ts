import type { Texts } from '..'

export const nav: Texts['nav'] = {
  dashboards: 'Dashboards',
  explore: 'Erkunden',
  days: 'Tage',
  streams: 'Ströme',
  operations: 'Betrieb',
  settings: 'Einstellungen',
}
