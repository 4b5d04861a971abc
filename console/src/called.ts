/** What people are called. The API gives an id where it knows no name; nobody is made to read that. */
import { useCallback } from 'react'
import { useWords, type Words } from './words'

/** Ids of WeCom and WeChat, digests, our own numbers, and numbers such as a phone's. */
const AN_ID = /^(?:w[mob][\w-]{16,}|o[\w-]{27}|[0-9a-f]{24,}|[0-9a-f-]{36}|#\d+|\+?\d{5,})$/

export const isId = (name: string) => AN_ID.test(name)

export function calledAs(name: string, words: Words): string {
  return isId(name) ? words.t('unnamed', { end: name.replace('#', '').slice(-4) }) : name
}

export function useCalled(): (name: string) => string {
  const words = useWords()
  return useCallback((name: string) => calledAs(name, words), [words])
}
