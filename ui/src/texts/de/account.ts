import type { Texts } from '..'

export const account: Texts['account'] = {
  title: 'Konto',
  roles: 'Rollen',
  rolesAbout: 'Was Sie in diesem Arbeitsbereich sind. Die Eigentümer können das ändern.',
  password: 'Passwort',
  passwordAbout: 'Alle Ihre Sitzungen enden, wenn es sich ändert, auch diese.',
  old: 'Bisheriges Passwort',
  new: 'Neues Passwort',
  newAbout: 'Mindestens 12 Zeichen; ein Satz ist gut.',
  change: 'Passwort ändern',
  everywhere: 'Überall abmelden',
  everywhereAbout: 'Beendet Ihre Sitzungen auf allen Geräten und in allen Arbeitsbereichen.',
  everywhereSure: 'Sie müssen sich auf jedem Gerät wieder anmelden, auch auf diesem.',
}
