import type { Environment } from '../config/config.ts'
import { BadArguments } from './command.ts'

export type Language = 'zh' | 'en'

/** The language of answers: what `--lang` says, else English where the system speaks it, else Chinese. */
export function languageOf(asked: string | undefined, environment: Environment): Language {
  if (asked === 'zh' || asked === 'en') return asked
  if (asked !== undefined) throw new BadArguments('--lang is zh or en')
  const system = environment['LC_ALL'] || environment['LC_MESSAGES'] || environment['LANG'] || ''
  return system.toLowerCase().startsWith('en') ? 'en' : 'zh'
}
