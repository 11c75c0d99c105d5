import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

/** A service as docker-compose.yml describes it, as far as we read it. */
export interface Service {
  readonly image?: string
  readonly user?: string
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly env_file?: readonly (string | { readonly path: string; readonly required?: boolean })[]
  readonly secrets?: readonly string[]
  readonly volumes?: readonly string[]
  readonly ports?: readonly string[]
  readonly networks?: readonly string[]
  readonly profiles?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean }
  readonly restart?: string
  readonly init?: boolean
  readonly read_only?: boolean
  readonly privileged?: boolean
  readonly network_mode?: string
  readonly cap_drop?: readonly string[]
  readonly cap_add?: readonly string[]
  readonly security_opt?: readonly string[]
  readonly stop_grace_period?: string
  readonly tmpfs?: readonly string[]
  readonly build?: {
    readonly context: string
    readonly dockerfile: string
    readonly target: string
    readonly args?: Readonly<Record<string, string>>
  }
  readonly logging?: { readonly options?: Readonly<Record<string, string>> }
  readonly deploy?: {
    readonly replicas?: number
    readonly resources?: { readonly limits?: Readonly<Record<string, unknown>> }
  }
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>
  readonly volumes: Readonly<Record<string, unknown>>
  readonly secrets: Readonly<Record<string, { readonly file: string }>>
}

/** The file as text, with every `${NAME:-default}` replaced as Compose would with these variables. */
export function interpolate(text: string, variables: Readonly<Record<string, string | undefined>> = {}): string {
  return text.replaceAll(/\$\$|\$\{([A-Z0-9_]+)(?::-([^}]*))?\}/g, (_found, name?: string, fallback?: string) =>
    name === undefined ? '$' : variables[name] || (fallback ?? ''),
  )
}

/** What docker-compose.yml of the tree at `root` describes, with the defaults of its variables, anchors resolved. */
export function readComposeFile(root: string): ComposeFile {
  return parse(interpolate(readFileSync(join(root, 'docker-compose.yml'), 'utf8')), { merge: true }) as ComposeFile
}
