/** What a list shows that has nothing to show. */
Component({
  properties: { icon: String, title: String, hint: String },
})
