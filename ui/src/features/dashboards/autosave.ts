// Saves a dashboard while it is edited: a moment after the last edit, one request at a time, nothing lost in between.
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { useLapsed } from '@/api/lapse'
import { Problem } from '@/api/problem'
import type { Document } from '@/boards/document'
import { clearDraft, keepDraft } from './draft'
import { change, dashboardQuery, listQuery, type Dashboard } from './queries'

export type Saving = 'saved' | 'unsaved' | 'saving' | 'failed' | 'refused' | 'conflict'

export interface Autosave {
  readonly state: Saving
  readonly error: Problem | null
  /** Go on from a version that somebody else saved, or that was brought back. */
  readonly rebase: (dashboard: Dashboard) => void
}

const PAUSE = 700
const RETRY = 4_000

/** Keep the server's dashboard equal to the document that is edited, and meanwhile the document in its place here. */
export function useAutosave(dashboard: Dashboard, document: Document, place: string): Autosave {
  const queries = useQueryClient()
  const lapsed = useLapsed()
  const [base, setBase] = useState({ version: dashboard.version, text: JSON.stringify(dashboard.document) })
  const [state, setState] = useState<Saving>('saved')
  const [error, setError] = useState<Problem | null>(null)
  const [refused, setRefused] = useState<string | null>(null)
  const isBusy = useRef(false)
  const { id } = dashboard
  const text = JSON.stringify(document)
  const isSame = text === base.text
  // What was refused will be again. Without a session nothing can be saved: the draft waits until somebody is back.
  const isToSave = !isSame && !lapsed && state !== 'conflict' && text !== refused

  const save = useCallback(async () => {
    if (isBusy.current) return
    isBusy.current = true
    setState('saving')
    try {
      const now = await change(id, base.version, JSON.parse(text) as Document)
      queries.setQueryData(dashboardQuery(id).queryKey, now)
      void queries.invalidateQueries({ queryKey: listQuery.queryKey, exact: true })
      setError(null)
      setState('saved')
      setBase({ version: now.version, text })
    } catch (problem) {
      const next = afterProblem(problem)
      setError(problem instanceof Problem ? problem : null)
      setState(next)
      setRefused(next === 'refused' ? text : null)
    } finally {
      isBusy.current = false
    }
  }, [id, base.version, text, queries])

  useEffect(() => {
    if (isSame) clearDraft(place)
    else keepDraft(place, { version: base.version, document: JSON.parse(text) as Document })
  }, [place, isSame, base.version, text])
  useEffect(() => {
    if (!isToSave) return
    const timer = setTimeout(() => void save(), state === 'failed' ? RETRY : PAUSE)
    return () => {
      clearTimeout(timer)
    }
  }, [isToSave, state, save])
  useAtEnd(isToSave ? save : null)
  const rebase = useCallback((now: Dashboard) => {
    setBase({ version: now.version, text: JSON.stringify(now.document) })
    setError(null)
    setState('saved')
  }, [])
  return { state: isSame ? 'saved' : state === 'saved' ? 'unsaved' : state, error, rebase }
}

/** Do what is still to be done when the page is left, so that the next one shows it. */
function useAtEnd(left: (() => Promise<void>) | null): void {
  const latest = useRef(left)
  useEffect(() => {
    latest.current = left
  }, [left])
  useEffect(
    () => () => {
      void latest.current?.()
    },
    [],
  )
}

function afterProblem(problem: unknown): Saving {
  if (!(problem instanceof Problem)) return 'failed'
  if (problem.code === 'DASHBOARD_CHANGED') return 'conflict'
  return problem.isPassing || problem.status === 401 ? 'failed' : 'refused'
}
