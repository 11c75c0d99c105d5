import { envDocuments } from './env-docs.ts'

/** One line per document that does not say what the options of server/src/config say. */
export async function envProblems(root: string): Promise<readonly string[]> {
  const documents = await envDocuments(root)
  return documents.flatMap(({ path, found, wanted }) => {
    if (found === undefined) return [`${path} is missing`]
    if (wanted === undefined) return [`${path} lacks the markers between which the table of options stands`]
    return found === wanted ? [] : [`${path} differs from the options: npm run env:docs`]
  })
}
