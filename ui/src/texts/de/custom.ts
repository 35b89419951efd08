import type { Texts } from '..'

const kinds = { metric: 'Kennzahl', measure: 'Maß', word: 'Wort der Formeln', dimension: 'Dimension' }
const directions = { up: 'Wenn sie steigt', down: 'Wenn sie fällt', none: 'Weder noch' }

export const custom: Texts['custom'] = {
  title: 'Eigene Kennzahlen',
  add: 'Neue Kennzahl',
  none: 'Noch hat niemand eine Kennzahl gemacht',
  noneAbout:
    'Eine eigene Kennzahl ist eine Formel aus dem, was aufbewahrt wird, etwa revenue / invoices. In Fragen ist sie wie jede andere.',
  noneView: 'Wer in diesem Workspace auswertet, kann sie machen.',
  name: 'Name',
  nameHint: 'Kleine Buchstaben, Ziffern und _. Alle eigenen Kennzahlen beginnen mit own_.',
  nameStays: 'Der Name bleibt: Dashboards und Fragen nennen ihn.',
  unnamed: 'neue_Kennzahl',
  formula: 'Formel',
  formulaHint: "Kennzahlen und Maße mit + - * /, etwa: revenue / invoices, oder: lines where country = 'France'.",
  goesOn: 'Wie die Formel weitergehen kann',
  kinds,
  about: 'Was sie bedeutet',
  aboutHint: 'Ein Satz für alle, die ihr begegnen.',
  unit: 'Einheit',
  noUnit: 'Eine reine Zahl',
  decimals: 'Nachkommastellen',
  direction: 'Besser',
  directions,
  owner: 'Zuständig',
  nobody: 'Jemand, der nicht mehr da ist',
  changed: 'Geändert',
  broken: 'Keine Antwort mehr',
  editOf: (name) => `${name} bearbeiten`,
  make: 'Kennzahl machen',
  kept: (name) => `${name} ist aufbewahrt und kann sofort gefragt werden.`,
  preview: (name) => `${name}, letzte 28 Tage`,
  previewAbout: 'Was die Formel ergibt, bevor etwas aufbewahrt wird.',
  nothingYet: 'Noch nichts zu zeigen',
  nothingYetAbout: 'Sobald die Formel Sinn ergibt, stehen hier ihre Zahlen.',
  remove: 'Löschen',
  removeTitle: (name) => `${name} löschen?`,
  removeAbout: 'Ihre Formel geht; keine Zahl geht verloren. Sie bleibt, solange ein Dashboard nach ihr fragt.',
  removed: (name) => `${name} ist gelöscht`,
  unknown: 'Niemand hat eine Kennzahl dieses Namens gemacht, oder sie wurde gelöscht.',
}
