import type { Host, RegisterBuiltins } from '../host.ts'
import { BUTTON } from './button.ts'
import { CHOICES } from './choices.ts'
import { CONTAINERS } from './containers.ts'
import { defineBuiltin, type Builtin } from './define-builtin.ts'
import { FORM } from './form.ts'
import { MEDIA } from './media.ts'
import { PICKER_VIEWS } from './picker-view.ts'
import { PICKER } from './picker.ts'
import { RICH_TEXT } from './rich-text.ts'
import { SCROLL_VIEW } from './scroll-view.ts'
import { SWIPERS } from './swiper.ts'
import { INPUT, TEXTAREA } from './text-field.ts'

export const BUILTINS: readonly Builtin[] = [
  ...CONTAINERS,
  BUTTON,
  FORM,
  INPUT,
  TEXTAREA,
  ...CHOICES,
  ...MEDIA,
  SCROLL_VIEW,
  ...SWIPERS,
  PICKER,
  ...PICKER_VIEWS,
  RICH_TEXT,
]

/** Makes WeChat's built-in components known to every page and component of the space. */
export const registerBuiltins: RegisterBuiltins = (space, host: Host) => {
  for (const builtin of BUILTINS) defineBuiltin(space, host, builtin)
}
