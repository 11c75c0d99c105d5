import type { RequestOf } from '@hongyan/protocol'
import { timError } from '../errors.ts'
import { isFieldList, type CustomField } from '../mapping/person.ts'
import { INVITE_OPTIONS, JOIN_OPTIONS } from '../mapping/words.ts'

/** What can be said of a group when it is founded, and later. */
export interface GroupFields {
  name?: string
  avatar?: string
  introduction?: string
  notification?: string
  joinOption?: string
  inviteOption?: string
  groupCustomField?: CustomField[]
}

type OurFields = Pick<
  RequestOf<'group.update'>,
  'name' | 'avatar' | 'introduction' | 'notice' | 'joinOption' | 'inviteOption' | 'custom'
>

/** The fields that are named, in our words; the server keeps the custom ones that are not. */
export function fieldsOf(options: GroupFields): OurFields {
  const { name, avatar, introduction, notification, groupCustomField } = options
  const joinOption = wordOf(JOIN_OPTIONS, options.joinOption)
  const inviteOption = wordOf(INVITE_OPTIONS, options.inviteOption)
  return {
    ...(name === undefined ? {} : { name }),
    ...(avatar === undefined ? {} : { avatar }),
    ...(introduction === undefined ? {} : { introduction }),
    ...(notification === undefined ? {} : { notice: notification }),
    ...(joinOption === undefined ? {} : { joinOption }),
    ...(inviteOption === undefined ? {} : { inviteOption }),
    ...(groupCustomField === undefined ? {} : { custom: [...groupCustomField] }),
  }
}

/** Rejects 10004 for a word that means nothing. */
function wordOf<Ours>(words: { toOurs(word: unknown): Ours | undefined }, word: string | undefined): Ours | undefined {
  if (word === undefined || word === '') return undefined
  const ours = words.toOurs(word)
  if (ours === undefined) throw timError(10004, word)
  return ours
}

export function areFields(options: object): boolean {
  const fields: GroupFields = options
  const texts = [fields.name, fields.avatar, fields.introduction, fields.notification]
  const areTexts = [...texts, fields.joinOption, fields.inviteOption].every(isAbsentOrString)
  return areTexts && (fields.groupCustomField === undefined || isFieldList(fields.groupCustomField))
}

function isAbsentOrString(value: unknown): boolean {
  return value === undefined || typeof value === 'string'
}
