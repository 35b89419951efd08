// Which country of the map a value means: by its code of two letters, or its name in English or another language.
import { value } from '@/answer/numbers'
import type { Plot } from '@/answer/series'

/** The names that the map has, by ISO 3166-1 code: all 175 of the world at 1:110 million. */
export const ON_MAP: Readonly<Record<string, string>> = {
  AE: 'United Arab Emirates',
  AF: 'Afghanistan',
  AL: 'Albania',
  AM: 'Armenia',
  AO: 'Angola',
  AQ: 'Antarctica',
  AR: 'Argentina',
  AT: 'Austria',
  AU: 'Australia',
  AZ: 'Azerbaijan',
  BA: 'Bosnia and Herz.',
  BD: 'Bangladesh',
  BE: 'Belgium',
  BF: 'Burkina Faso',
  BG: 'Bulgaria',
  BI: 'Burundi',
  BJ: 'Benin',
  BN: 'Brunei',
  BO: 'Bolivia',
  BR: 'Brazil',
  BS: 'Bahamas',
  BT: 'Bhutan',
  BW: 'Botswana',
  BY: 'Belarus',
  BZ: 'Belize',
  CA: 'Canada',
  CD: 'Dem. Rep. Congo',
  CF: 'Central African Rep.',
  CG: 'Congo',
  CH: 'Switzerland',
  CI: "Côte d'Ivoire",
  CL: 'Chile',
  CM: 'Cameroon',
  CN: 'China',
  CO: 'Colombia',
  CR: 'Costa Rica',
  CU: 'Cuba',
  CY: 'Cyprus',
  CZ: 'Czechia',
  DE: 'Germany',
  DJ: 'Djibouti',
  DK: 'Denmark',
  DO: 'Dominican Rep.',
  DZ: 'Algeria',
  EC: 'Ecuador',
  EE: 'Estonia',
  EG: 'Egypt',
  EH: 'W. Sahara',
  ER: 'Eritrea',
  ES: 'Spain',
  ET: 'Ethiopia',
  FI: 'Finland',
  FJ: 'Fiji',
  FK: 'Falkland Is.',
  FR: 'France',
  GA: 'Gabon',
  GB: 'United Kingdom',
  GE: 'Georgia',
  GH: 'Ghana',
  GL: 'Greenland',
  GM: 'Gambia',
  GN: 'Guinea',
  GQ: 'Eq. Guinea',
  GR: 'Greece',
  GT: 'Guatemala',
  GW: 'Guinea-Bissau',
  GY: 'Guyana',
  HN: 'Honduras',
  HR: 'Croatia',
  HT: 'Haiti',
  HU: 'Hungary',
  ID: 'Indonesia',
  IE: 'Ireland',
  IL: 'Israel',
  IN: 'India',
  IQ: 'Iraq',
  IR: 'Iran',
  IS: 'Iceland',
  IT: 'Italy',
  JM: 'Jamaica',
  JO: 'Jordan',
  JP: 'Japan',
  KE: 'Kenya',
  KG: 'Kyrgyzstan',
  KH: 'Cambodia',
  KP: 'North Korea',
  KR: 'South Korea',
  KW: 'Kuwait',
  KZ: 'Kazakhstan',
  LA: 'Laos',
  LB: 'Lebanon',
  LK: 'Sri Lanka',
  LR: 'Liberia',
  LS: 'Lesotho',
  LT: 'Lithuania',
  LU: 'Luxembourg',
  LV: 'Latvia',
  LY: 'Libya',
  MA: 'Morocco',
  MD: 'Moldova',
  ME: 'Montenegro',
  MG: 'Madagascar',
  MK: 'Macedonia',
  ML: 'Mali',
  MM: 'Myanmar',
  MN: 'Mongolia',
  MR: 'Mauritania',
  MW: 'Malawi',
  MX: 'Mexico',
  MY: 'Malaysia',
  MZ: 'Mozambique',
  NA: 'Namibia',
  NC: 'New Caledonia',
  NE: 'Niger',
  NG: 'Nigeria',
  NI: 'Nicaragua',
  NL: 'Netherlands',
  NO: 'Norway',
  NP: 'Nepal',
  NZ: 'New Zealand',
  OM: 'Oman',
  PA: 'Panama',
  PE: 'Peru',
  PG: 'Papua New Guinea',
  PH: 'Philippines',
  PK: 'Pakistan',
  PL: 'Poland',
  PR: 'Puerto Rico',
  PS: 'Palestine',
  PT: 'Portugal',
  PY: 'Paraguay',
  QA: 'Qatar',
  RO: 'Romania',
  RS: 'Serbia',
  RU: 'Russia',
  RW: 'Rwanda',
  SA: 'Saudi Arabia',
  SB: 'Solomon Is.',
  SD: 'Sudan',
  SE: 'Sweden',
  SI: 'Slovenia',
  SK: 'Slovakia',
  SL: 'Sierra Leone',
  SN: 'Senegal',
  SO: 'Somalia',
  SR: 'Suriname',
  SS: 'S. Sudan',
  SV: 'El Salvador',
  SY: 'Syria',
  SZ: 'eSwatini',
  TD: 'Chad',
  TF: 'Fr. S. Antarctic Lands',
  TG: 'Togo',
  TH: 'Thailand',
  TJ: 'Tajikistan',
  TL: 'Timor-Leste',
  TM: 'Turkmenistan',
  TN: 'Tunisia',
  TR: 'Turkey',
  TT: 'Trinidad and Tobago',
  TW: 'Taiwan',
  TZ: 'Tanzania',
  UA: 'Ukraine',
  UG: 'Uganda',
  US: 'United States of America',
  UY: 'Uruguay',
  UZ: 'Uzbekistan',
  VE: 'Venezuela',
  VN: 'Vietnam',
  VU: 'Vanuatu',
  XK: 'Kosovo',
  YE: 'Yemen',
  ZA: 'South Africa',
  ZM: 'Zambia',
  ZW: 'Zimbabwe',
}

/** What else people, and the shop of the demo, call countries. */
const ALSO: Readonly<Record<string, string>> = {
  eire: 'IE',
  usa: 'US',
  'united states of america': 'US',
  'u.s.a.': 'US',
  uk: 'GB',
  'great britain': 'GB',
  england: 'GB',
  scotland: 'GB',
  wales: 'GB',
  rsa: 'ZA',
  'czech republic': 'CZ',
  korea: 'KR',
  holland: 'NL',
  'russian federation': 'RU',
  'viet nam': 'VN',
  'ivory coast': 'CI',
  uae: 'AE',
  macedonia: 'MK',
  burma: 'MM',
  swaziland: 'SZ',
  turkey: 'TR',
  palestine: 'PS',
  myanmar: 'MM',
  'hong kong': 'HK',
  macau: 'MO',
}

const known = new Map<string, Map<string, string>>()

/** Give the code of the country that a value means, or nothing: neither `(other)` nor `EU` is a country. */
export function countryCode(value: string | null, locale: string): string | null {
  const text = value?.trim().toLowerCase()
  if (!text) return null
  if (text.toUpperCase() in ON_MAP) return text.toUpperCase()
  return ALSO[text] ?? names('en').get(text) ?? names(locale).get(text) ?? null
}

/** Give what a country is called in a language. */
export function nameOf(code: string, locale: string): string | null {
  try {
    const name = new Intl.DisplayNames(locale, { type: 'region', fallback: 'none' }).of(code)
    return name ?? null
  } catch {
    return null
  }
}

function names(locale: string): Map<string, string> {
  const found =
    known.get(locale) ??
    new Map(Object.keys(ON_MAP).map((code) => [(nameOf(code, locale) ?? code).toLowerCase(), code]))
  known.set(locale, found)
  return found
}

/** A country of the map, and where it is on the axis. */
export interface Country {
  readonly name: string
  readonly value: number | null
  readonly at: number
}

/** Give the countries of an answer as the map names them, and the places on the axis that are on no map. */
export function countries({ plot, words }: { plot: Plot; words: { locale: string } }): {
  shown: Country[]
  elsewhere: number[]
} {
  const series = plot.series.find((one) => one.of === 'metric')
  const shown: Country[] = []
  const elsewhere: number[] = []
  plot.axis.values.forEach((one, at) => {
    const name = ON_MAP[countryCode(one, words.locale) ?? '']
    if (name === undefined) elsewhere.push(at)
    else shown.push({ name, value: value(series?.cells[at]), at })
  })
  return { shown, elsewhere }
}
