import type { Finding } from './finding.ts'

type Language = 'zh' | 'en'

const SIGNS: Readonly<Record<Finding['status'], Readonly<Record<Language, string>>>> = {
  ok: { zh: '[正常]', en: '[ok]     ' },
  warning: { zh: '[注意]', en: '[warning]' },
  problem: { zh: '[故障]', en: '[PROBLEM]' },
}

/** The findings in the order of the checks, with what to do below each that needs it, and a line that sums up. */
export function findingsText(findings: readonly Finding[], language: Language): string {
  const lines = findings.flatMap(({ check, status, said, todo }) => [
    `${SIGNS[status][language]} ${check.padEnd(10)} ${said[language]}`,
    ...(todo ? [`${' '.repeat(language === 'zh' ? 18 : 21)}→ ${todo[language]}`] : []),
  ])
  const count = (status: Finding['status']): number => findings.filter((finding) => finding.status === status).length
  const [warnings, problems] = [count('warning'), count('problem')]
  const sum = {
    zh: problems + warnings === 0 ? '一切正常。' : `${problems} 个故障,${warnings} 个注意事项。`,
    en: problems + warnings === 0 ? 'All is well.' : `${problems} problems, ${warnings} warnings.`,
  }
  return [...lines, '', sum[language]].join('\n')
}
