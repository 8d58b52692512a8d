package admin

import "io/fs"

// testCatalogues are the other rooms' sentences that screens show.
var testCatalogues []fs.FS
