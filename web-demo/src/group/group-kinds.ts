import { TYPES } from '../im/chat.ts'

/** A school's words for TIM's types of group. */
export const GROUP_KINDS = [
  { type: TYPES.GRP_PUBLIC, word: 'kindClass', note: 'kindClassNote' },
  { type: TYPES.GRP_WORK, word: 'kindTalk', note: 'kindTalkNote' },
  { type: TYPES.GRP_MEETING, word: 'kindOpen', note: 'kindOpenNote' },
] as const
