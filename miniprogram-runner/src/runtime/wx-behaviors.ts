import type { GeneralComponent } from 'glass-easel'
import type { behavior, CodeSpace } from 'glass-easel-miniprogram-adapter'

type Behavior = behavior.GeneralBehavior

/** The behaviors that WeChat builds in and programs name as `wx://…`. */
export class WxBehaviors {
  private readonly byName: ReadonlyMap<string, Behavior>
  private readonly formField: Behavior

  constructor(space: CodeSpace) {
    const empty = (): Behavior => toGeneral(space.behavior().register())
    this.formField = toGeneral(
      space
        .behavior()
        .definition({ properties: { name: String, value: null } })
        .register(),
    )
    this.byName = new Map([
      ['wx://form-field', this.formField],
      ['wx://form-field-group', empty()],
      ['wx://form-field-button', empty()],
      // The framework reads `export` of every definition.
      ['wx://component-export', empty()],
    ])
  }

  find(name: string): Behavior | undefined {
    return this.byName.get(name)
  }

  formFieldOf(component: GeneralComponent): { readonly name: string; readonly value: unknown } | undefined {
    // `_$` is marked internal in the adapter's types: the framework's own behavior is behind it.
    const inner = Reflect.get(this.formField, '_$') as Parameters<GeneralComponent['hasBehavior']>[0]
    if (!component.hasBehavior(inner)) return undefined
    const data: Readonly<Record<string, unknown>> = component.data
    const name = data['name']
    return { name: typeof name === 'string' ? name : '', value: data['value'] }
  }
}

/** Behaviors of definite types are behaviors. */
function toGeneral(given: unknown): Behavior {
  return given as Behavior
}
