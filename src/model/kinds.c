/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one table.  To add a field, add a line to its kind; to add a kind, a table and a line in `kinds`.
 * A key, once released, is never renamed or reused: tests/unit/kinds.keys has them all, and a test compares.
 */
#include "arpent/kind.h"

#include <string.h>

#include "arpent/i18n.h"
#include "kinds.h"

#define FTS FIELD_FTS
#define SET FIELD_SET
#define LIST FIELD_LIST
#define TITLE FIELD_TITLE
#define HIDDEN FIELD_HIDDEN
#define PRIVATE FIELD_PRIVATE
#define REQUIRED FIELD_REQUIRED
#define OWNER FIELD_OWNER
#define FUTURE FIELD_FUTURE
#define STATE FIELD_STATE
#define DATE_OF FIELD_DATE_OF
#define PLACE_OF FIELD_PLACE_OF

#define LEN(a) (sizeof(a) / sizeof *(a))

/* key, label, type, flags, list width, schema, then by name */
#define FIELD(k, l, t, fl, w, ...) \
	{ \
		.key = k, .label = N_(l), .type = FIELD_##t, .flags = (fl), .width = w, .schema = 1, __VA_ARGS__ \
	}

static const struct field person[] = {
    FIELD("name", "Name", LINE, TITLE | REQUIRED | FTS | LIST, 24, .vcard = "FN"),
    FIELD("given", "Given name", LINE, FTS, 0, .vcard = "N.given"),
    FIELD("family", "Family name", LINE, FTS, 0, .vcard = "N.family"),
    FIELD("function", "Function", LINE, FTS | LIST, 18, .vcard = "TITLE"),
    FIELD("organisation", "Organisation", LINE, FTS | LIST, 18, .vcard = "ORG"),
    FIELD("phone", "Phone", PHONE, SET | FTS | LIST, 16, .vcard = "TEL"),
    FIELD("email", "E-mail", EMAIL, SET | FTS, 0, .vcard = "EMAIL"),
    FIELD("address", "Address", TEXT, FTS, 0, .vcard = "ADR"),
    FIELD("web", "Web page", URL, 0, 0, .vcard = "URL"),
    FIELD("birthday", "Birthday", DAY, PRIVATE, 0, .vcard = "BDAY"),
    FIELD("language", "Language", CODE, 0, 0, .vocab = "language", .vcard = "LANG"),
    FIELD("purpose", "Why they are on file", LINE, FTS, 0, ),
    FIELD("ground", "Legal ground", CODE, 0, 0, .vocab = "ground"),
    FIELD("consent", "Consent to be kept on file", CODE, 0, 0, .vocab = "consent"),
    FIELD("confidential", "Confidential note", TEXT, PRIVATE | FTS, 0, ),
};

static const struct field organisation[] = {
    FIELD("name", "Name", LINE, TITLE | REQUIRED | FTS | LIST, 28, .vcard = "ORG"),
    FIELD("type", "Type", CODE, LIST, 14, .vocab = "organisation"),
    FIELD("commune", "Commune", LINE, FTS | LIST, 18, ),
    FIELD("address", "Address", TEXT, FTS, 0, .vcard = "ADR"),
    FIELD("phone", "Phone", PHONE, SET | FTS, 0, .vcard = "TEL"),
    FIELD("email", "E-mail", EMAIL, SET | FTS, 0, .vcard = "EMAIL"),
    FIELD("web", "Web page", URL, 0, 0, .vcard = "URL"),
    FIELD("confidential", "Confidential note", TEXT, PRIVATE | FTS, 0, ),
};

static const struct field mandate[] = {
    FIELD("person", "Person", REF, TITLE | OWNER | REQUIRED | LIST, 22, .refers = "person"),
    FIELD("organisation", "Organisation", REF, TITLE | REQUIRED | LIST, 24, .refers = "organisation"),
    FIELD("function", "Function", LINE, TITLE | FTS | LIST, 18, .vcard = "TITLE"),
    FIELD("college", "College", CODE, 0, 0, .vocab = "organisation"),
    FIELD("from", "From", DAY, DATE_OF, 0, ),
    FIELD("to", "To", DAY, FUTURE, 0, ),
};

static const struct field site[] = {
    FIELD("name", "Name", LINE, TITLE | REQUIRED | FTS | LIST, 26, .dwc = "locality", .sinp = "nom_lieu"),
    FIELD("commune", "Commune", LINE, FTS | LIST, 20, .dwc = "municipality"),
    FIELD("insee", "INSEE code of the commune", LINE, LIST, 6, ),
    FIELD("point", "Point", POINT, PLACE_OF, 0, .dwc = "decimalLatitude decimalLongitude"),
    FIELD("outline", "Outline or track", SHAPE, 0, 0, .dwc = "footprintWKT"),
    FIELD("status", "Protection and statuses", CODE, SET | FTS, 0, .vocab = "protection"),
    FIELD("elevation", "Elevation (m)", NUMBER, 0, 0, .dwc = "minimumElevationInMeters"),
    FIELD("access", "How to get there", TEXT, FTS, 0, ),
};

static const struct field meeting[] = {
    FIELD("subject", "Subject", LINE, TITLE | REQUIRED | FTS | LIST, 34, .ical = "SUMMARY"),
    FIELD("type", "Type", CODE, LIST, 12, .vocab = "meeting", .ical = "CATEGORIES"),
    FIELD("start", "Start", MOMENT, DATE_OF | FUTURE | LIST, 12, .ical = "DTSTART"),
    FIELD("end", "End", MOMENT, FUTURE, 0, .ical = "DTEND"),
    FIELD("place", "Place", LINE, FTS | LIST, 18, .ical = "LOCATION"),
    FIELD("site", "Site", REF, 0, 0, .refers = "site"),
    FIELD("body", "Body", LINE, FTS, 0, ),
    FIELD("agenda", "Agenda", TEXT, FTS, 0, .ical = "DESCRIPTION"),
    FIELD("notes", "Minutes", TEXT, FTS, 0, ),
    FIELD("confidential", "Confidential note", TEXT, PRIVATE | FTS, 0, ),
};

static const struct field attendance[] = {
    FIELD("meeting", "Meeting", REF, OWNER | REQUIRED | LIST, 26, .refers = "meeting"),
    FIELD("person", "Person", REF, TITLE | REQUIRED | LIST, 22, .refers = "person", .ical = "ATTENDEE"),
    FIELD("mandate", "For", REF, 0, 0, .refers = "mandate"),
    FIELD("status", "Presence", CODE, LIST, 12, .vocab = "attendance", .ical = "PARTSTAT"),
    FIELD("by", "Represented by", REF, 0, 0, .refers = "person"),
    FIELD("signed", "Signed", BOOL, 0, 0, ),
};

static const struct field decision[] = {
    FIELD("wording", "Decision", LINE, TITLE | REQUIRED | FTS | LIST, 40, ),
    FIELD("meeting", "Meeting", REF, OWNER, 0, .refers = "meeting"),
    FIELD("vote", "Vote", LINE, 0, 0, ),
    FIELD("responsible", "Responsible", REF, LIST, 18, .refers = "person"),
    FIELD("due", "Due", DAY, DATE_OF | FUTURE | LIST, 12, ),
    FIELD("state", "State", CODE, STATE | LIST, 10, .vocab = "decision"),
    FIELD("supersedes", "Replaces", REF, 0, 0, .refers = "decision"),
};

static const struct field task[] = {
    FIELD("wording", "To do", LINE, TITLE | REQUIRED | FTS | LIST, 40, .ical = "SUMMARY"),
    FIELD("owner", "Who", REF, LIST, 18, .refers = "person"),
    FIELD("due", "Due", MOMENT, DATE_OF | FUTURE | LIST, 12, .ical = "DUE"),
    FIELD("state", "State", CODE, STATE | LIST, 10, .vocab = "task", .ical = "STATUS"),
    FIELD("source", "Source", REF, OWNER | LIST, 18, ),
};

static const struct field observation[] = {
    FIELD("subject", "What was seen", LINE, TITLE | REQUIRED | FTS | LIST, 30, .dwc = "verbatimIdentification",
	  .sinp = "nom_cite"),
    FIELD("taxon", "Scientific name", LINE, FTS, 0, .dwc = "scientificName"),
    FIELD("cd_nom", "TAXREF cd_nom", INT, 0, 0, .dwc = "taxonID", .sinp = "cd_nom"),
    FIELD("date", "Date and time", MOMENT, DATE_OF | LIST, 12, .dwc = "eventDate", .sinp = "date_debut heure_debut"),
    FIELD("end", "Until", MOMENT, 0, 0, .sinp = "date_fin heure_fin"),
    FIELD("site", "Site", REF, LIST, 18, .refers = "site"),
    FIELD("point", "Point", POINT, PLACE_OF, 0, .dwc = "decimalLatitude decimalLongitude",
	  .sinp = "geometrie_wkt_4326"),
    FIELD("precision", "Precision (m)", INT, 0, 0, .dwc = "coordinateUncertaintyInMeters",
	  .sinp = "precision_geographique"),
    FIELD("elevation", "Elevation (m)", NUMBER, 0, 0, .dwc = "minimumElevationInMeters"),
    FIELD("observer", "Observer", LINE, FTS | LIST, 16, .dwc = "recordedBy", .sinp = "observateurs"),
    FIELD("status", "Seen or not", CODE, 0, 0, .vocab = "statut_obs", .dwc = "occurrenceStatus",
	  .sinp = "statut_observation"),
    FIELD("origin", "Origin of the data", CODE, 0, 0, .vocab = "statut_source", .sinp = "statut_source"),
    FIELD("count_min", "Count, at least", INT, 0, 0, .dwc = "individualCount", .sinp = "nombre_min"),
    FIELD("count_max", "Count, at most", INT, 0, 0, .sinp = "nombre_max"),
    FIELD("count_object", "What was counted", CODE, 0, 0, .vocab = "obj_denbr", .sinp = "objet_denombrement"),
    FIELD("count_method", "How it was counted", CODE, 0, 0, .vocab = "typ_denbr", .sinp = "type_denombrement"),
    FIELD("method", "Method of observation", LINE, FTS, 0, .dwc = "samplingProtocol"),
    FIELD("stage", "Life stage", LINE, 0, 0, .dwc = "lifeStage"),
    FIELD("severity", "Severity", CODE, LIST, 8, .vocab = "severity"),
    FIELD("follow_up", "Follow-up", LINE, FTS, 0, ),
    FIELD("diffusion", "Precision when published", CODE, 0, 0, .vocab = "niv_precis", .dwc = "dataGeneralizations",
	  .sinp = "niveau_precision_diffusion"),
    FIELD("sensitivity", "Sensitivity", CODE, 0, 0, .vocab = "sensibilite"),
    FIELD("comment", "Comment", TEXT, FTS, 0, .dwc = "occurrenceRemarks", .sinp = "comment_occurrence"),
};

static const struct field note[] = {
    FIELD("text", "Text", TEXT, TITLE | REQUIRED | FTS | LIST, 50, .ical = "DESCRIPTION"),
    FIELD("date", "Date", MOMENT, DATE_OF | LIST, 12, .ical = "DTSTART"),
    FIELD("about", "About", REF, SET | OWNER, 0, ),
    FIELD("point", "Point", POINT, PLACE_OF, 0, ),
};

static const struct field file[] = {
    FIELD("name", "Name", LINE, TITLE | REQUIRED | FTS | LIST, 34, .dwc = "title"),
    FIELD("type", "Media type", LINE, LIST, 18, .dwc = "format"),
    FIELD("size", "Size (bytes)", INT, LIST, 10, ),
    FIELD("hash", "Hash of the content", HASH, HIDDEN, 0, ),
    FIELD("date", "Date", MOMENT, DATE_OF, 0, .dwc = "created"),
    FIELD("point", "Point", POINT, PLACE_OF, 0, ),
    FIELD("caption", "Caption", LINE, FTS, 0, .dwc = "description"),
};

/* Of every kind, unless it has one of that name itself: a meeting's notes are its minutes. */
static const struct field common[] = {
    FIELD("tags", "Tags", LINE, SET | FTS | LIST, 16, .vcard = "CATEGORIES", .ical = "CATEGORIES"),
    FIELD("notes", "Free notes", TEXT, FTS, 0, .vcard = "NOTE"),
    FIELD("files", "Files", REF, SET, 0, .refers = "file"),
    FIELD("share", "Sharing", CODE, 0, 0, .vocab = "share", .vcard = "CLASS", .ical = "CLASS"),
    FIELD("review", "Review on", DAY, FUTURE, 0, ),
    FIELD("uid", "Identifier elsewhere", LINE, HIDDEN, 0, .vcard = "UID", .ical = "UID", .dwc = "occurrenceID",
	  .sinp = "uuid_perm_sinp"),
    FIELD("extra", "Kept from an import", TEXT, HIDDEN, 0, ),
};

#define KIND(k, l, p) \
	{ \
		.key = #k, .label = l, .plural = p, .fields = k, .n = LEN(k), .schema = 1 \
	}

static const struct kind kinds[] = {
    KIND(meeting, N_("Meeting"), N_("Meetings")),
    KIND(task, N_("Follow-up"), N_("Follow-ups")),
    KIND(decision, N_("Decision"), N_("Decisions")),
    KIND(note, N_("Note"), N_("Notes")),
    KIND(person, N_("Person"), N_("People")),
    KIND(organisation, N_("Organisation"), N_("Organisations")),
    KIND(mandate, N_("Mandate"), N_("Mandates")),
    KIND(site, N_("Site"), N_("Sites")),
    KIND(observation, N_("Observation"), N_("Observations")),
    KIND(attendance, N_("Attendance"), N_("Attendances")),
    KIND(file, N_("File"), N_("Files")),
};

const struct kind *const kinds_table = kinds;
const size_t kinds_count = LEN(kinds);
const struct field *const kinds_common = common;
const size_t kinds_common_count = LEN(common);

#define KINDS_KNOWN 0x80000000u

/* Found once: all that is derived from a record asks for its fields many times. */
unsigned kinds_own(const struct kind *k)
{
	static unsigned known[LEN(kinds)];
	unsigned *own = &known[k - kinds];

	if (*own == 0) {
		*own = KINDS_KNOWN;
		for (size_t i = 0; i < k->n; i++)
			for (size_t j = 0; j < LEN(common); j++)
				if (strcmp(k->fields[i].key, common[j].key) == 0)
					*own |= 1u << j;
	}
	return *own & ~KINDS_KNOWN;
}
