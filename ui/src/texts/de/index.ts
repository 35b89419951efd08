import type { Texts } from '..'
import { account } from './account'
import { answers } from './answers'
import { custom } from './custom'
import { dashboards } from './dashboards'
import { days } from './days'
import { entry } from './entry'
import { explore } from './explore'
import { exports } from './exports'
import { nav } from './nav'
import { operations } from './operations'
import { parts } from './parts'
import { problems } from './problems'
import { settings } from './settings'
import { shell } from './shell'
import { start } from './start'
import { streams } from './streams'

const texts: Texts = {
  account,
  answers,
  custom,
  dashboards,
  days,
  entry,
  explore,
  exports,
  nav,
  operations,
  parts,
  problems,
  settings,
  shell,
  start,
  streams,
}

export default texts
