import type { Texts } from '..'

export const nav: Texts['nav'] = {
  dashboards: 'Dashboards',
  explore: 'Erkunden',
  exports: 'Exporte',
  days: 'Tage',
  streams: 'Ströme',
  operations: 'Betrieb',
  settings: 'Einstellungen',
}
