/** Language: which one is spoken, and how a key becomes a sentence. */
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react'
import { Problem } from './api'
import { type Key, STRINGS } from './strings'
import type { Language, Said } from './types'

type Facts = Record<string, string | number>

export interface Words {
  language: Language
  speak: (language: Language) => void
  t: (key: Key, facts?: Facts) => string
  /** The side of something said in both languages. */
  said: (both: Said) => string
  /** A key built at run time; what it stands for when there is no such key. */
  maybe: (key: string, otherwise: string, facts?: Facts) => string
  /** What went wrong, for people. */
  problem: (error: unknown) => string
}

const KEPT = 'tiefen-language'

export function keptLanguage(): Language {
  const kept = localStorage.getItem(KEPT)
  if (kept === 'zh' || kept === 'en') return kept
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}

function filled(text: string, facts: Facts): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in facts ? String(facts[name]) : whole))
}

export function makeWords(language: Language, speak: (language: Language) => void): Words {
  const table: Record<string, string> = STRINGS[language]
  const maybe = (key: string, otherwise: string, facts: Facts = {}) => {
    const text = table[key]
    return text === undefined ? otherwise : filled(text, facts)
  }
  return {
    language,
    speak,
    t: (key, facts = {}) => filled(STRINGS[language][key], facts),
    said: (both) => both[language],
    maybe,
    problem: (error) => {
      if (!(error instanceof Problem)) return maybe('err_internal', String(error))
      const facts = Object.fromEntries(Object.entries(error.facts).map(([k, v]) => [k, String(v)]))
      return maybe(`err_${error.code}`, error.message, facts)
    },
  }
}

const Spoken = createContext<Words>(makeWords('zh', () => {}))
export const useWords = () => useContext(Spoken)

export function WordsProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(keptLanguage)
  const speak = useCallback((next: Language) => {
    localStorage.setItem(KEPT, next)
    setLanguage(next)
  }, [])
  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
    document.title = language === 'zh' ? '铁粉' : 'Tiefen'
  }, [language])
  const words = useMemo(() => makeWords(language, speak), [language, speak])
  return <Spoken value={words}>{children}</Spoken>
}
