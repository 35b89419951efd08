import type { Saying, Told } from '@/api/told'

/** Give a sentence with the name that the server's names first, or one that does without. */
function about(one: (name: string) => string, otherwise: string): Saying {
  return ({ names: [name] }) => (name === undefined ? otherwise : one(name))
}

const until = ({ dates }: Told) => (dates[0] === undefined ? '' : ` bis ${dates[0]}`)
const ofDay = ({ dates }: Told) => (dates[0] === undefined ? 'Dieser Tag' : `Der ${dates[0]}`)
const NO_DATABASE = 'Die Datenbank der Anwendung'

export const problems: Record<string, Saying> = {
  UNREACHABLE: 'Der Server antwortet nicht. Vielleicht startet er neu; diese Seite versucht es von selbst wieder.',
  NOT_UNDERSTOOD: 'Etwas zwischen Ihnen und dem Server hat an seiner Stelle geantwortet.',
  INTERNAL: 'Im Server ist etwas kaputtgegangen. Sein Log sagt, wo.',
  BUSY: 'Der Server hat alle Hände voll zu tun: Versuchen Sie es gleich noch einmal.',
  SHUTTING_DOWN: 'Der Server startet neu: Versuchen Sie es gleich noch einmal.',
  NOT_READY: 'Der Server kann gerade nicht arbeiten. Sein Log sagt, warum.',
  WRITER_ENDED: 'Der Prozess, der Datensätze schreibt, wurde beendet: Senden Sie es noch einmal.',
  TOO_MANY_REQUESTS: 'Das war viel auf einmal. Warten Sie einen Moment und versuchen Sie es noch einmal.',
  TOO_MANY_LIVE: 'Sie sehen an zu vielen Stellen live zu: Schließen Sie einige davon.',
  OUT_OF_MEMORY: 'Dafür reicht der Arbeitsspeicher des Servers nicht: Fragen Sie nach weniger Tagen oder Werten.',
  DISK_FULL: 'Auf dem Server ist kein Platz mehr; von diesem Schritt wurde nichts behalten.',

  CREDENTIAL_MISSING: 'Sie sind nicht angemeldet.',
  CREDENTIAL_REFUSED: 'Ihre Sitzung ist abgelaufen: Melden Sie sich wieder an.',
  CSRF_TOKEN_MISSING:
    'In einem anderen Tab hat sich jemand anderes angemeldet. Laden Sie diese Seite neu, um so weiterzumachen.',
  CROSS_SITE:
    'Diese Seite kam von einer anderen Adresse, als der Server sie kennt. Öffnen Sie sie unter seiner eigenen.',
  SIGN_IN_FAILED: 'Die Adresse oder das Passwort stimmt nicht.',
  TOO_MANY_ATTEMPTS: ({ numbers: [seconds] }) =>
    seconds === undefined
      ? 'Zu viele Versuche: Warten Sie eine Weile.'
      : `Zu viele Versuche: Versuchen Sie es in ${seconds} Sekunden wieder.`,
  LINK_INVALID: 'Dieser Link wurde schon benutzt, ist abgelaufen oder war nie gültig: Bitten Sie um einen neuen.',
  PERSON_KNOWN: 'Zu dieser Adresse gibt es seit eben ein Konto: Öffnen Sie den Link noch einmal, mit dessen Passwort.',
  PERSON_DISABLED: 'Diese Person ist ausgesperrt: Lassen Sie sie erst wieder zu.',
  PERSON_SHARED:
    'Dieses Konto gehört nicht nur zu diesem Arbeitsbereich: Entfernen Sie die Person stattdessen aus ihm.',
  PERSON_NEEDED: 'Ein Token würde Ihre Rollen von außerhalb überdauern: Bitten Sie jemanden im Arbeitsbereich darum.',
  MEMBER_ALREADY: 'Diese Person ist schon im Arbeitsbereich: Ändern Sie stattdessen ihre Rollen.',
  LAST_OWNER: 'Ein Arbeitsbereich braucht einen Eigentümer, der sich anmelden kann: Ernennen Sie erst jemand anderen.',
  NO_ROLES: 'Wählen Sie mindestens eine Rolle.',
  ROLE_TOO_WIDE: about(
    (role) => `Die Rolle „${role}“ darf oder zeigt mehr als Ihre eigene; Sie können sie weder geben noch nehmen.`,
    'Diese Rolle darf oder zeigt mehr als Ihre eigene; Sie können sie weder geben noch nehmen.',
  ),
  NO_MAIL: 'Dieser Server verschickt keine Mails: Bitten Sie einen Eigentümer um einen Link.',
  MAIL_FAILED: 'Die Mail konnte nicht verschickt werden: Der Mailserver hat sie nicht angenommen.',
  NO_WORKSPACE: 'Sie sind in keinem Arbeitsbereich: Bitten Sie um eine Einladung.',
  NO_SESSION: 'Das ist nur für Menschen, die sich angemeldet haben.',
  BAD_EMAIL: 'Das ist keine E-Mail-Adresse.',
  BAD_NAME: 'So kann das nicht heißen: Der Name ist leer, zu lang oder enthält Zeichen, die hier nicht erlaubt sind.',
  BAD_PASSWORD: ({ numbers: [least, most], sentence }) =>
    sentence.includes('address')
      ? 'Das Passwort ist nicht die Adresse und nicht der Name.'
      : most === undefined
        ? `Ein Passwort hat mindestens ${least ?? 'einige'} verschiedene Zeichen.`
        : `Ein Passwort hat ${least ?? ''} bis ${most} Zeichen; ein Satz ist ein gutes.`,
  BAD_DAYS: ({ numbers }) => `Ein Token gilt von 1 bis ${numbers.at(-1) ?? '3.650'} Tage, oder ohne Ende.`,

  NOT_PERMITTED: ({ names: [name], sentence }) =>
    sentence.startsWith('Metric ') && name !== undefined
      ? `Ihre Rollen zeigen „${name}“ nicht. Ein Eigentümer kann Ihnen eine geben, die es tut.`
      : 'Ihre Rollen erlauben das nicht. Ein Eigentümer kann Ihnen eine geben, die es tut.',
  OUTSIDE_GRANT: ({ dates }) =>
    dates.length > 1
      ? `Ihre Rollen zeigen das erst ab dem ${dates.at(-1) ?? ''}: Wählen Sie einen späteren Zeitraum.`
      : 'So alte Tage zeigen Ihre Rollen nicht: Wählen Sie einen späteren Zeitraum.',
  OUTSIDE_DASHBOARD: 'Dieses Dashboard zeigt öffentlich nur seine eigenen Tage: Wählen Sie einen Zeitraum darin.',
  ACTOR_HIDDEN: 'Wessen Zeilen das sind, zeigen Ihre Rollen nicht: Lassen Sie diese Dimension weg.',
  ACTOR_UNKNOWN: 'Ihre Rollen zeigen nur eigene Zeilen, und niemand hat gesagt, welche Ihre sind.',
  NO_ACTOR_HERE: 'Ihre Rollen zeigen nur eigene Zeilen, und hier steht nirgends, wessen Zeilen es sind.',

  UNKNOWN_METRIC: about((name) => `Die Kennzahl „${name}“ gibt es nicht mehr.`, 'Diese Kennzahl gibt es nicht mehr.'),
  UNKNOWN_DIMENSION: ({ names }) =>
    names.length === 0
      ? 'Danach lässt sich das nicht aufteilen.'
      : `Nach „${names.at(-1) ?? ''}“ lässt sich das nicht aufteilen.`,
  UNKNOWN_STREAM: about((name) => `Den Strom „${name}“ gibt es nicht.`, 'Diesen Strom gibt es nicht.'),
  UNKNOWN_DASHBOARD: 'Dieses Dashboard gibt es nicht, oder nicht für Sie.',
  UNKNOWN_VERSION: 'Diese Version des Dashboards wird nicht mehr aufbewahrt.',
  UNKNOWN_WIDGET: 'Dieses Widget gibt es auf dem Dashboard nicht mehr.',
  UNKNOWN_DAY: (told) => `${ofDay(told)} hat in diesem Strom weder Datensätze noch ein Siegel.`,
  UNKNOWN_EXPORT: 'Diesen Export gibt es nicht, oder nicht für Sie.',
  UNKNOWN_JOB: 'Diesen Auftrag gibt es nicht mehr.',
  UNKNOWN_PERSON: 'Diese Person ist nicht im Arbeitsbereich.',
  UNKNOWN_ROLE: about((name) => `Die Rolle „${name}“ gibt es nicht.`, 'Diese Rolle gibt es nicht.'),
  UNKNOWN_TOKEN: 'Dieses Token gibt es nicht mehr.',
  UNKNOWN_WORKSPACE: 'Diesen Arbeitsbereich gibt es nicht, oder nicht für Sie.',
  UNKNOWN_PATH: 'Unter dieser Adresse ist nichts.',
  BAD_PARAMETER: about(
    (name) => `Die Angabe „${name}“ ist nicht erlaubt, oder ihr Wert ist es nicht.`,
    'Eine Angabe hat einen Wert, den sie nicht haben kann.',
  ),
  BAD_DATE: 'Das ist kein Datum.',
  BAD_FILTER: 'Dieser Filter lässt nichts übrig, oder sein Wert kann dort nie stehen: Ändern Sie ihn.',
  NAMED_TWICE: about(
    (name) => `„${name}“ kommt zweimal vor: Einmal genügt.`,
    'Etwas kommt zweimal vor: Einmal genügt.',
  ),
  NO_METRICS: 'Wählen Sie mindestens eine Kennzahl.',
  RANGE_REVERSED: 'Der Zeitraum endet, bevor er beginnt.',
  RANGE_TOO_LONG: ({ numbers }) =>
    numbers.length > 1
      ? `Das sind ${numbers[0] ?? ''} Tage: Fragen Sie nach höchstens ${numbers.at(-1) ?? ''} auf einmal.`
      : 'Das sind zu viele Tage auf einmal: Wählen Sie einen kürzeren Zeitraum.',
  ANSWER_TOO_LONG:
    'Die Antwort hätte zu viele Zeilen: Fragen Sie nach weniger Tagen, gröber, oder nur nach den größten.',
  TOP_OUT_OF_RANGE: 'Es können 1 bis 10.000 der größten Werte gezeigt werden.',
  FILES_MOVING: 'Die Dateien der Datensätze wurden gerade ersetzt: Versuchen Sie es noch einmal.',
  RECORDS_DAMAGED: (told) => `${ofDay(told)} hat Datensätze, die sich nicht lesen lassen: Fragen Sie ohne diesen Tag.`,
  RECORDS_PURGED: (told) => `Die Datensätze${until(told)} sind gelöscht; geblieben sind ihre Zahlen.`,

  BAD_DASHBOARD: about(
    (where) => `So kann das Dashboard nicht sein; es liegt an „${where}“.`,
    'So kann das Dashboard nicht sein.',
  ),
  DASHBOARD_CHANGED: 'Jemand anderes hat das Dashboard inzwischen geändert.',
  DASHBOARD_OF_PACK: 'Dieses Dashboard bringt ein Paket mit, und es bleibt, wie es ist: Machen Sie eine Kopie.',
  DASHBOARD_PUBLISHED:
    'Dieses Dashboard sieht jeder, der den Link hat. Ändern darf es deshalb nur, wer veröffentlichen darf: Machen Sie eine Kopie.',
  TOO_MANY_DASHBOARDS: ({ numbers: [most] }) =>
    `Mehr als ${most ?? 'so viele'} Dashboards kann der Arbeitsbereich nicht haben: Löschen Sie erst eines.`,
  METRIC_CHANGED: 'Jemand anderes hat diese Kennzahl inzwischen geändert.',
  METRIC_IN_USE: ({ names: [, ...users], sentence }) =>
    users.length > 0
      ? `Diese Kennzahl wird noch gebraucht, von ${users.map((one) => `„${one}“`).join(', ')}: Nehmen Sie sie dort erst weg.`
      : `Diese Kennzahl wird noch gebraucht: ${/asked for by (.*): take/.exec(sentence)?.[1] ?? 'in einem Dashboard'}.`,
  METRIC_TAKEN: about(
    (name) => `Eine Kennzahl „${name}“ gibt es schon: Wählen Sie einen anderen Namen.`,
    'Diese Kennzahl gibt es schon: Wählen Sie einen anderen Namen.',
  ),
  TOO_MANY_METRICS: 'Mehr eigene Kennzahlen kann der Arbeitsbereich nicht haben: Löschen Sie erst eine.',
  FORMULA_REFUSED: 'Diese Formel kann keine Kennzahl sein.',
  FORMULA_SYNTAX:
    'Hier stimmt die Formel nicht. Sie besteht aus Kennzahlen, Maßen, Zahlen, Klammern und + - * /, und Zahlen stehen nur bei * und /.',
  FORMULA_TOO_LONG: 'Eine Formel hat höchstens 1.000 Zeichen.',
  UNKNOWN_NAME: about(
    (name) => `„${name}“ gibt es nicht: weder als Kennzahl noch als Maß oder Dimension.`,
    'Das gibt es weder als Kennzahl noch als Maß oder Dimension.',
  ),

  EXPORT_NOT_READY: 'Zu diesem Export gibt es keine Datei: Er wird noch gemacht, ist gescheitert oder abgelaufen.',
  EXPORT_TOO_LONG: ({ numbers: [most] }) =>
    `Der Export hätte mehr als ${most ?? 'so viele'} Zeilen: Nehmen Sie weniger Tage oder setzen Sie Filter.`,
  EXPORT_DAMAGED: 'Ein Teil der Datensätze lässt sich nicht lesen, der Export wäre also nicht vollständig.',
  SHEET_TOO_LONG: 'So viele Zeilen passen in kein Tabellenblatt: Nehmen Sie weniger oder ein anderes Format.',
  TOO_MANY_EXPORTS: 'Es warten schon zu viele Exporte: Versuchen Sie es, wenn einige davon gemacht sind.',

  NOT_HELD: (told) => `${ofDay(told)} ist nicht mehr angehalten.`,
  NOT_SEALED: (told) => `${ofDay(told)} hat kein Siegel, gegen das sich etwas prüfen ließe.`,
  NOT_DUE: (told) => `${ofDay(told)} ist noch nicht über seiner Frist.`,
  NO_RECORDS: (told) => `${ofDay(told)} hat keine Datensätze, die zu löschen wären.`,
  DAY_PURGED: (told) => `${ofDay(told)} wird schon gelöscht oder ist es: Daran ändert sich nichts mehr.`,
  REASON_MISSING: 'Nennen Sie einen Grund.',
  NOT_CONFIRMED: 'Das war nicht der Name: Geben Sie ihn genau so ein, wie er dasteht.',
  BACKFILL_INCOMPLETE: about(
    (stream) => `Im Strom „${stream}“ ist noch nicht jeder vergangene Tag versiegelt: Holen Sie das erst nach.`,
    'Noch ist nicht jeder vergangene Tag versiegelt: Holen Sie das erst nach.',
  ),
  FILES_UNKNOWN: 'In einem gelöschten Tag liegen Dateien, die nie bewiesen wurden: Nehmen Sie sie erst weg.',
  CLOCK_BEHIND: 'Die Uhr des Servers geht hinter dem letzten Eintrag im Hauptbuch her: Solange wird nichts gelöscht.',
  PURGE_OFF: 'Niemand hat erlaubt, dass in der Datenbank der Anwendung gelöscht wird.',
  PURGE_UNFINISHED: 'Die Datensätze sind gelöscht, nur das Protokoll ist noch nicht leer: Starten Sie es noch einmal.',
  WORKSPACE_ARCHIVED: 'Der Arbeitsbereich ist archiviert: Es kommt nichts mehr dazu.',
  WORKSPACE_EXISTS: 'Einen Arbeitsbereich mit diesem Namen gibt es schon.',
  WORKSPACE_UNUSABLE: 'Der Arbeitsbereich lässt sich nicht öffnen. Das Log des Servers sagt, warum.',
  ROLLED_BACK:
    'Hier liegt eine ältere Kopie der Daten, als der Server schon gesehen hat. Wer den Server betreibt, muss entscheiden.',

  DATABASE_FAILED: 'Eine Datenbank meldet einen Fehler; von diesem Schritt wurde nichts behalten.',
  DATABASE_LOST: `Die Verbindung zur Datenbank der Anwendung ist abgerissen; von diesem Schritt wurde nichts behalten.`,
  DATABASE_UNREACHABLE: `${NO_DATABASE} ist nicht zu erreichen.`,
  DATABASE_TIMEOUT: `${NO_DATABASE} hat für die Antwort länger gebraucht, als sie darf.`,
  DATABASE_DENIED: `${NO_DATABASE} erlaubt das nicht.`,
  DATABASE_SCHEMA: `${NO_DATABASE} hat andere Tabellen oder Spalten, als vereinbart sind.`,
  DATABASE_LOCKED: `In der Datenbank der Anwendung hielt jemand eine Sperre zu lange: Versuchen Sie es noch einmal.`,
}
