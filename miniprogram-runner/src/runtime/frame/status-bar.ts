import { make, makeIcon } from './dom.ts'

export const STATUS_BAR_HEIGHT = 47

const SIGNAL = 'M2 17h3v4H2zM7.5 13.5h3V21h-3zM13 9.5h3V21h-3zM18.5 5h3v16h-3z'
const WIFI =
  'M12 20.5l3.600-4.300a5.200 5.200 0 0 0-7.200 0zM5.800 13.100l2 2.400a6.600 6.600 0 0 1 8.400 0l2-2.400a9.700 9.700 0 0 0-12.400 0zM2 8.600l2 2.300a12.900 12.900 0 0 1 16 0l2-2.300a16 16 0 0 0-20 0z'

/** The clock does not run: two screenshots of one page are alike. */
export function makeStatusBar(): HTMLElement {
  const battery = make('span', 'mp-battery', make('span', 'mp-battery-level'))
  const marks = make('span', 'mp-status-marks', makeIcon('mp-status-icon', SIGNAL, 'fill'))
  marks.append(makeIcon('mp-status-icon', WIFI, 'fill'), battery)
  return make('div', 'mp-status-bar', make('span', 'mp-clock', '9:41'), marks)
}
