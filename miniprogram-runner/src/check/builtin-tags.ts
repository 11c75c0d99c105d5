const TAGS = `
ad ad-custom audio block button camera canvas channel-live channel-video checkbox checkbox-group
cover-image cover-view draggable-sheet editor editor-portal form functional-page-navigator grid-builder
grid-view icon image import include input keyboard-accessory label list-builder list-view live-player
live-pusher map match-media movable-area movable-view native-component navigation-bar navigator
nested-scroll-body nested-scroll-header official-account open-container open-data page-container page-meta
picker picker-view picker-view-column progress radio radio-group rich-text root-portal scroll-view selection
share-element slider slot snapshot span sticky-header sticky-section store-home store-product swiper
swiper-item switch template text textarea video view voip-room web-view wxs xr-scene
double-tap-gesture-handler force-press-gesture-handler horizontal-drag-gesture-handler
long-press-gesture-handler pan-gesture-handler scale-gesture-handler tap-gesture-handler
vertical-drag-gesture-handler
`

/** Every tag WeChat answers itself; any other must stand in usingComponents. */
export const BUILTIN_TAGS: ReadonlySet<string> = new Set(TAGS.trim().split(/\s+/))
