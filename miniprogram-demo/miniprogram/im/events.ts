/** A touch on an element with these `data-…`. */
export type Touch<Data extends object> = WechatMiniprogram.TouchEvent<
  Record<string, never>,
  Record<string, never>,
  Data
>

/** A key in a field with these `data-…`. */
export type Typed<Data extends object = Record<string, never>> = WechatMiniprogram.CustomEvent<
  { readonly value: string },
  Record<string, never>,
  Data
>

/** An event of a component of ours, or of TDesign's. */
export type Told<Detail extends object> = WechatMiniprogram.CustomEvent<Detail>
