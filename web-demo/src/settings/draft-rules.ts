/** What is being edited when what is kept has changed meanwhile: fields that the user has touched stay as he wants them. */
export function rebased<Fields extends object>(draft: Fields, before: Fields, after: Fields): Fields {
  const rebase = { ...draft }
  for (const key of Object.keys(after) as (keyof Fields)[]) {
    if (draft[key] === before[key]) rebase[key] = after[key]
  }
  return rebase
}
