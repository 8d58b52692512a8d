package staff

import "slices"

// Role is what somebody is to the shop.
type Role string

// The roles, from most to least.
const (
	RoleOwner    Role = "owner"    // everything
	RoleMarketer Role = "marketer" // segments and newsletters, also sending
	RoleSupport  Role = "support"  // customers: notes, identities, consent on their request
	RoleReader   Role = "reader"   // looks, changes nothing
)

// Roles is all of them, in that order.
var Roles = []Role{RoleOwner, RoleMarketer, RoleSupport, RoleReader}

// Permission is one thing that a role may do.
type Permission string

// The permissions.
const (
	SeePeople        Permission = "see_people"
	EditPeople       Permission = "edit_people"
	ExportPeople     Permission = "export_people"
	AnswerPeople     Permission = "answer_people" // at somebody's request: give out, or erase, all that is known of them
	SeeSales         Permission = "see_sales"     // figures, products, segments, newsletters and their reports
	WriteSegments    Permission = "write_segments"
	WriteNewsletters Permission = "write_newsletters"
	SendNewsletters  Permission = "send_newsletters"
	ManageShops      Permission = "manage_shops"
	ManageMail       Permission = "manage_mail" // sender, brand, consent topics, suppressions
	ManageStaff      Permission = "manage_staff"
	SeeAudit         Permission = "see_audit"
)

var granted = map[Role][]Permission{
	RoleMarketer: {SeePeople, ExportPeople, SeeSales, WriteSegments, WriteNewsletters, SendNewsletters},
	RoleSupport:  {SeePeople, EditPeople, AnswerPeople, SeeSales},
	RoleReader:   {SeePeople, SeeSales},
}

// May says whether the role has the permission. A role that is not one of [Roles] has none.
func (r Role) May(p Permission) bool { return r == RoleOwner || slices.Contains(granted[r], p) }

// Valid says whether r is one of [Roles].
func (r Role) Valid() bool { return slices.Contains(Roles, r) }
