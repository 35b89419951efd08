// A map of countries.
import { countries, nameOf, ON_MAP } from './countries'
import { base, tipLook, type Option } from './frame'
import type { Picture } from './picture'
import { depth, ramp } from './shares'
import { toldAt, tooltip } from './tooltip'

export const WORLD = 'world'

/** Give a map that is coloured by the first metric. */
export function map(picture: Picture): Option {
  const { theme, words, plot } = picture
  const { shown } = countries(picture)
  const figures = shown.flatMap((one) => (one.value === null ? [] : [one.value]))
  return {
    ...base(picture),
    tooltip: {
      trigger: 'item',
      ...tipLook(picture),
      formatter: ({ name, dataIndex }: { name: string; dataIndex: number }) => {
        const country = shown[dataIndex]
        if (country?.name !== name) return tooltip({ title: titleOf(name, words.locale), rows: [] })
        const told = toldAt(picture, country.at)
        return tooltip({ ...told, title: titleOf(name, words.locale) })
      },
    },
    visualMap: ramp(picture, figures, plot.series[0]?.unit ?? ''),
    series: [
      {
        type: 'map',
        map: WORLD,
        roam: true,
        scaleLimit: { min: 1, max: 12 },
        // Nobody lives on the far south of the map, and it takes a fifth of its height.
        boundingCoords: [
          [-170, 78],
          [180, -56],
        ],
        top: 0,
        bottom: 26,
        left: 0,
        right: 0,
        selectedMode: false,
        data: shown.map((one) => ({ ...one, value: depth(one.value) })),
        label: { show: false },
        itemStyle: { areaColor: theme.line, borderColor: theme.ground, borderWidth: 0.6 },
        emphasis: { label: { show: false }, itemStyle: { areaColor: theme.series[2], borderColor: theme.text } },
      },
    ],
  }
}

function titleOf(onMap: string, locale: string): string {
  const code = Object.entries(ON_MAP).find(([, name]) => name === onMap)?.[0]
  return (code && nameOf(code, locale)) ?? onMap
}
