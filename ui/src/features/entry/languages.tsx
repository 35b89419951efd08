import { Anchor } from '@mantine/core'
import { LANGUAGES, useLanguage, type Language } from '@/texts'
import classes from './frame.module.css'

/** The languages that the page can be read in. */
export function Languages() {
  const { language, speak } = useLanguage()
  return (
    <div className={classes['languages']}>
      {(Object.keys(LANGUAGES) as Language[]).map((one) => (
        <Anchor
          key={one}
          component="button"
          type="button"
          size="sm"
          lang={one}
          c="dimmed"
          aria-pressed={one === language}
          fw={one === language ? 600 : 400}
          onClick={() => {
            speak(one)
          }}
        >
          {LANGUAGES[one]}
        </Anchor>
      ))}
    </div>
  )
}
