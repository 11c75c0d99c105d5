import type { Row } from './conductor.ts'

/** Says each second how it goes: a line for people on a terminal, JSON for programs elsewhere. */
export function progressOf(isTerminal: boolean, print: (line: string) => void): (row: Row) => void {
  return (row) => print(isTerminal ? lineOf(row) : JSON.stringify(row))
}

const PHASES: Readonly<Record<Row['phase'], string>> = {
  found: 'founding groups',
  gather: 'clients come',
  play: 'playing',
  finish: 'finishing',
  balance: 'balancing the books',
}

function lineOf(row: Row): string {
  const { ready, clients, acknowledged, delivered, heard, p99, refused, faults } = row
  const at = row.second < 0 ? '' : `${row.second} s `
  const time = (what: 'acknowledged' | 'delivered' | 'heard' | 'login' | 'resume', name: string): string =>
    p99[what] === undefined ? '' : `  ${name} p99 ${p99[what].toFixed(p99[what] < 10 ? 1 : 0)} ms`
  return (
    `${at.padStart(6)}${PHASES[row.phase].padEnd(20)} ${count(ready)}/${count(clients)} there` +
    `  sent ${count(acknowledged)}/s  arrived ${count(delivered + heard)}/s` +
    time('acknowledged', 'stored') +
    time('delivered', 'arrived') +
    time('heard', 'heard') +
    time('login', 'login') +
    time('resume', 'back') +
    (refused > 0 ? `  refused ${count(refused)}` : '') +
    (faults > 0 ? `  WRONG ${count(faults)}` : '')
  )
}

function count(value: number): string {
  return value.toLocaleString('en')
}
