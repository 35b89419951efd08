import type { Texts } from '..'

export const start: Texts['start'] = {
  title: 'Erste Schritte',
  about: 'Hier wurde noch nichts gesammelt. Senden Sie einen Datensatz, alles Weitere folgt.',
  what: 'Was gesendet wird',
  whatAbout: 'Jeder Strom nimmt eine Art von Datensätzen auf. Beginnen Sie mit einem beliebigen.',
  token: 'Ein Token',
  tokenAbout: (stream) =>
    `Eine Anwendung zeigt es vor, um Datensätze zu senden. Dieses darf an ${stream} senden, sonst nichts.`,
  tokenOnce: 'Kopieren Sie es jetzt: Es wird nur einmal gezeigt. In den Zeilen unten steht es schon.',
  tokenName: (stream) => `Erste Schritte: ${stream}`,
  makeToken: 'Token erstellen',
  askForToken: 'Wer den Arbeitsbereich verwaltet, kann Ihnen eines erstellen.',
  send: 'Einen Datensatz senden',
  sendAbout: 'Kopieren Sie diese Zeilen in ein Terminal, oder lassen Sie Ihre eigene Datenbank lesen.',
  attach: 'Datenbank anbinden',
  attachAbout:
    'Keepsum kann auch die Tabellen lesen, die Ihre Anwendung schon hat, ohne sie zu kopieren. Dieser Befehl sieht sich eine an, schreibt nichts und schlägt einen Strom vor.',
  declare: 'Einen Strom deklarieren',
  declareAbout:
    'Ein Paket sagt, was gesammelt, wie lange es behalten und was gezählt wird. Legen Sie diese Datei neben die Daten und passen Sie sie an.',
  restart: 'Starten Sie dann den Server neu: Diese Seite bemerkt es.',
  waiting: 'Warten auf den ersten Datensatz',
  arrived: 'Der erste Datensatz ist da',
  arrivedAbout: (records, stream) =>
    records === '1'
      ? `${stream} hat einen Datensatz. Von jetzt an werden seine Tage gezählt, bewiesen und rechtzeitig gelöscht.`
      : `${stream} hat ${records} Datensätze. Von jetzt an werden seine Tage gezählt, bewiesen und rechtzeitig gelöscht.`,
  toDashboards: 'Zu den Dashboards',
  toStream: 'Den Strom ansehen',
}
