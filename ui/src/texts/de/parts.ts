import type { Texts } from '..'

export const parts: Texts['parts'] = {
  copy: 'Kopieren',
  copied: 'Kopiert',
  retry: 'Noch einmal versuchen',
  code: (code) => `Code ${code}`,
  failed: 'Das konnte nicht angezeigt werden',
  cancel: 'Abbrechen',
  close: 'Schließen',
  save: 'Speichern',
  notLoaded: 'Das ließ sich nicht laden. Prüfen Sie die Verbindung und versuchen Sie es noch einmal.',
  showPassword: 'Zeigen, was getippt wird',
  days: (count, shown) => (count === 1 ? '1 Tag' : `${shown} Tage`),
  months: (count, shown) => (count === 1 ? '1 Monat' : `${shown} Monate`),
  years: (count, shown) => (count === 1 ? '1 Jahr' : `${shown} Jahre`),
}
