// A field for formulas: what may follow is offered while one types, and what is wrong is marked at its place.
import { Text, Textarea } from '@mantine/core'
import { useId, useRef, useState, type KeyboardEvent } from 'react'
import { useTexts } from '@/texts'
import { completed, placeOf, suggestionsFor, wordAt, type Suggestion, type Word } from './complete'
import classes from './custom.module.css'

interface FormulaFieldProps {
  formula: string
  vocabulary: readonly Suggestion[]
  problem: { at: number; message: string } | null
  onFormula: (formula: string) => void
}

interface Offer {
  readonly word: Word
  readonly found: readonly Suggestion[]
  readonly at: number
}

/** The field. */
export function FormulaField({ formula, vocabulary, problem: found, onFormula }: FormulaFieldProps) {
  const texts = useTexts('custom')
  const id = useId()
  const field = useRef<HTMLTextAreaElement>(null)
  const [offer, setOffer] = useState<Offer | null>(null)
  const listed = offer === null ? {} : { 'aria-controls': `${id}-list`, 'aria-activedescendant': `${id}-${offer.at}` }
  // A word that is not finished is not wrong yet.
  const problem = offer === null ? found : null
  const choose = (suggestion: Suggestion) => {
    if (offer === null) return
    const { text, caret } = completed(formula, offer.word, suggestion)
    onFormula(text)
    setOffer(null)
    requestAnimationFrame(() => {
      field.current?.focus()
      field.current?.setSelectionRange(caret, caret)
    })
  }
  return (
    <div className={classes['field']}>
      <Textarea
        ref={field}
        label={texts.formula}
        description={texts.formulaHint}
        required
        autosize
        minRows={2}
        maxLength={1_000}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        inputWrapperOrder={['label', 'description', 'input', 'error']}
        error={problem !== null}
        classNames={{ input: classes['input'] ?? '', wrapper: classes['wrapper'] ?? '' }}
        leftSection={<Marked text={formula} problem={problem} />}
        leftSectionWidth="100%"
        leftSectionProps={{ className: classes['mirrorRoom'] ?? '' }}
        aria-autocomplete="list"
        aria-haspopup="listbox"
        {...listed}
        aria-describedby={problem === null ? undefined : `${id}-problem`}
        value={formula}
        onChange={({ currentTarget: { value, selectionStart } }) => {
          onFormula(value)
          setOffer(offerAt(value, selectionStart, vocabulary))
        }}
        onKeyDown={(event) => {
          if (offer !== null) onOfferKey(event, offer, setOffer, choose)
        }}
        onBlur={() => {
          setOffer(null)
        }}
      />
      {offer !== null && <Offered offer={offer} id={id} onChoose={choose} />}
      {problem !== null && <Wrong id={`${id}-problem`} message={problem.message} />}
    </div>
  )
}

function offerAt(text: string, caret: number, vocabulary: readonly Suggestion[]): Offer | null {
  const word = wordAt(text, caret)
  if (word === null) return null
  const found = suggestionsFor(word, vocabulary)
  return found.length === 0 ? null : { word, found, at: 0 }
}

function Wrong({ id, message }: { id: string; message: string }) {
  return (
    <Text size="sm" c="var(--mantine-color-error)" mt={4} id={id} role="status">
      {message}
    </Text>
  )
}

function onOfferKey(
  event: KeyboardEvent,
  offer: Offer,
  setOffer: (offer: Offer | null) => void,
  choose: (suggestion: Suggestion) => void,
) {
  const { at, found } = offer
  const chosen = found[at]
  const moves: Record<string, () => void> = {
    ArrowDown: () => {
      setOffer({ ...offer, at: (at + 1) % found.length })
    },
    ArrowUp: () => {
      setOffer({ ...offer, at: (at - 1 + found.length) % found.length })
    },
    Escape: () => {
      setOffer(null)
    },
    Enter: () => {
      if (chosen !== undefined) choose(chosen)
    },
    Tab: () => {
      if (chosen !== undefined) choose(chosen)
    },
  }
  const move = moves[event.key]
  if (move === undefined || event.shiftKey) return
  event.preventDefault()
  event.stopPropagation()
  move()
}

function Offered({ offer, id, onChoose }: { offer: Offer; id: string; onChoose: (suggestion: Suggestion) => void }) {
  const texts = useTexts('custom')
  return (
    <div className={classes['offered']} role="listbox" id={`${id}-list`} aria-label={texts.goesOn}>
      {offer.found.map((one, i) => (
        // The field keeps the focus, and has the keys.
        // eslint-disable-next-line jsx-a11y-x/click-events-have-key-events, jsx-a11y-x/interactive-supports-focus -- as said
        <div
          key={`${one.kind} ${one.text}`}
          id={`${id}-${i}`}
          role="option"
          aria-selected={i === offer.at}
          className={classes['offer']}
          onMouseDown={(event) => {
            event.preventDefault()
          }}
          onClick={() => {
            onChoose(one)
          }}
        >
          <code>{one.text.trim()}</code>
          <span>{one.about === '' ? texts.kinds[one.kind] : one.about}</span>
          <span>{one.unit}</span>
        </div>
      ))}
    </div>
  )
}

/** The same text under the field's own, to underline a part of it. */
function Marked({ text, problem }: Pick<FormulaFieldProps, 'problem'> & { text: string }) {
  if (problem === null) return null
  const { from, to } = placeOf(text, problem.at)
  return (
    <div className={classes['mirror']} aria-hidden>
      {text.slice(0, from)}
      <mark className={classes['wrong']}>{from === to ? '\u00a0' : text.slice(from, to)}</mark>
      {text.slice(to)}
    </div>
  )
}
