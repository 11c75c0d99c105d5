/** One of the application's own icons: the names are those of the files in icons/. */
Component({
  properties: {
    name: String,
    /** Any CSS length; the size of the text around it by default. */
    size: { type: String, value: '1em' },
    color: { type: String, value: 'inherit' },
  },
})
