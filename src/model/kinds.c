/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one table.  To add a field, add a line to its kind; to add a kind, a table and a line in `kinds`.
 * A key, once released, is never renamed or reused: tests/unit/kinds.keys has them all, and a test compares.
 */
#include "arpent/kind.h"

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
#define F(k, l, t, fl, w, ...) \
	{ \
		.key = k, .label = N_(l), .type = FIELD_##t, .flags = (fl), .width = w, .schema = 1, __VA_ARGS__ \
	}

static const struct field person[] = {
    F("name", "Name", LINE, TITLE | FTS | LIST, 24, .vcard = "FN", .dwc = "recordedBy"),
    F("given", "Given name", LINE, FTS, 0, .vcard = "N.given"),
    F("family", "Family name", LINE, FTS, 0, .vcard = "N.family"),
    F("function", "Function", LINE, FTS | LIST, 18, .vcard = "TITLE"),
    F("organisation", "Organisation", LINE, FTS | LIST, 18, .vcard = "ORG"),
    F("phone", "Phone", PHONE, SET | FTS | LIST, 16, .vcard = "TEL"),
    F("email", "E-mail", EMAIL, SET | FTS, 0, .vcard = "EMAIL"),
    F("address", "Address", TEXT, FTS, 0, .vcard = "ADR"),
    F("web", "Web page", URL, 0, 0, .vcard = "URL"),
    F("birthday", "Birthday", DAY, PRIVATE, 0, .vcard = "BDAY"),
    F("language", "Language", CODE, 0, 0, .vocab = "language", .vcard = "LANG"),
    F("consent", "Consent to be kept on file", CODE, 0, 0, .vocab = "consent"),
    F("confidential", "Confidential note", TEXT, PRIVATE | FTS, 0, ),
};

static const struct field organisation[] = {
    F("name", "Name", LINE, TITLE | REQUIRED | FTS | LIST, 28, .vcard = "ORG"),
    F("type", "Type", CODE, LIST, 14, .vocab = "organisation"),
    F("commune", "Commune", LINE, FTS | LIST, 18, ),
    F("address", "Address", TEXT, FTS, 0, .vcard = "ADR"),
    F("phone", "Phone", PHONE, SET | FTS, 0, .vcard = "TEL"),
    F("email", "E-mail", EMAIL, SET | FTS, 0, .vcard = "EMAIL"),
    F("web", "Web page", URL, 0, 0, .vcard = "URL"),
    F("confidential", "Confidential note", TEXT, PRIVATE | FTS, 0, ),
};

static const struct field mandate[] = {
    F("person", "Person", REF, TITLE | OWNER | REQUIRED | LIST, 22, .refers = "person"),
    F("organisation", "Organisation", REF, TITLE | REQUIRED | LIST, 24, .refers = "organisation"),
    F("function", "Function", LINE, TITLE | FTS | LIST, 18, .vcard = "TITLE"),
    F("college", "College", CODE, 0, 0, .vocab = "organisation"),
    F("from", "From", DAY, DATE_OF, 0, ),
    F("to", "To", DAY, FUTURE, 0, ),
};

static const struct field site[] = {
    F("name", "Name", LINE, TITLE | REQUIRED | FTS | LIST, 26, .dwc = "locality", .sinp = "nom_lieu"),
    F("commune", "Commune", LINE, FTS | LIST, 20, .dwc = "municipality"),
    F("insee", "INSEE code of the commune", LINE, LIST, 6, ),
    F("point", "Point", POINT, PLACE_OF, 0, .dwc = "decimalLatitude decimalLongitude"),
    F("outline", "Outline or track", SHAPE, 0, 0, .dwc = "footprintWKT"),
    F("status", "Protection and statuses", CODE, SET | FTS, 0, .vocab = "protection"),
    F("elevation", "Elevation (m)", NUMBER, 0, 0, .dwc = "minimumElevationInMeters"),
    F("access", "How to get there", TEXT, FTS, 0, ),
};

static const struct field meeting[] = {
    F("subject", "Subject", LINE, TITLE | REQUIRED | FTS | LIST, 34, .ical = "SUMMARY"),
    F("type", "Type", CODE, LIST, 12, .vocab = "meeting", .ical = "CATEGORIES"),
    F("start", "Start", MOMENT, DATE_OF | FUTURE | LIST, 12, .ical = "DTSTART"),
    F("end", "End", MOMENT, FUTURE, 0, .ical = "DTEND"),
    F("place", "Place", LINE, FTS | LIST, 18, .ical = "LOCATION"),
    F("site", "Site", REF, 0, 0, .refers = "site"),
    F("body", "Body", LINE, FTS, 0, ),
    F("agenda", "Agenda", TEXT, FTS, 0, .ical = "DESCRIPTION"),
    F("notes", "Minutes", TEXT, FTS, 0, ),
    F("confidential", "Confidential note", TEXT, PRIVATE | FTS, 0, ),
};

static const struct field attendance[] = {
    F("meeting", "Meeting", REF, OWNER | REQUIRED | LIST, 26, .refers = "meeting"),
    F("person", "Person", REF, TITLE | REQUIRED | LIST, 22, .refers = "person", .ical = "ATTENDEE"),
    F("mandate", "For", REF, 0, 0, .refers = "mandate"),
    F("status", "Presence", CODE, LIST, 12, .vocab = "attendance", .ical = "PARTSTAT"),
    F("by", "Represented by", REF, 0, 0, .refers = "person"),
    F("signed", "Signed", BOOL, 0, 0, ),
};

static const struct field decision[] = {
    F("wording", "Decision", LINE, TITLE | REQUIRED | FTS | LIST, 40, ),
    F("meeting", "Meeting", REF, OWNER, 0, .refers = "meeting"),
    F("vote", "Vote", LINE, 0, 0, ),
    F("responsible", "Responsible", REF, LIST, 18, .refers = "person"),
    F("due", "Due", DAY, DATE_OF | FUTURE | LIST, 12, ),
    F("state", "State", CODE, STATE | LIST, 10, .vocab = "decision"),
    F("supersedes", "Replaces", REF, 0, 0, .refers = "decision"),
};

static const struct field task[] = {
    F("wording", "To do", LINE, TITLE | REQUIRED | FTS | LIST, 40, .ical = "SUMMARY"),
    F("owner", "Who", REF, LIST, 18, .refers = "person"),
    F("due", "Due", MOMENT, DATE_OF | FUTURE | LIST, 12, .ical = "DUE"),
    F("state", "State", CODE, STATE | LIST, 10, .vocab = "task", .ical = "STATUS"),
    F("source", "From", REF, OWNER | LIST, 18, ),
};

static const struct field observation[] = {
    F("subject", "What was seen", LINE, TITLE | REQUIRED | FTS | LIST, 30, .dwc = "verbatimIdentification",
      .sinp = "nom_cite"),
    F("taxon", "Scientific name", LINE, FTS, 0, .dwc = "scientificName"),
    F("cd_nom", "TAXREF cd_nom", INT, 0, 0, .dwc = "taxonID", .sinp = "cd_nom"),
    F("date", "Date and time", MOMENT, DATE_OF | LIST, 12, .dwc = "eventDate", .sinp = "date_debut heure_debut"),
    F("end", "Until", MOMENT, 0, 0, .sinp = "date_fin heure_fin"),
    F("site", "Site", REF, LIST, 18, .refers = "site"),
    F("point", "Point", POINT, PLACE_OF, 0, .dwc = "decimalLatitude decimalLongitude", .sinp = "geometrie_wkt_4326"),
    F("precision", "Precision (m)", INT, 0, 0, .dwc = "coordinateUncertaintyInMeters",
      .sinp = "precision_geographique"),
    F("elevation", "Elevation (m)", NUMBER, 0, 0, .dwc = "minimumElevationInMeters"),
    F("observer", "Observer", LINE, FTS | LIST, 16, .dwc = "recordedBy", .sinp = "observateurs"),
    F("status", "Seen or not", CODE, 0, 0, .vocab = "statut_obs", .dwc = "occurrenceStatus",
      .sinp = "statut_observation"),
    F("origin", "Origin of the data", CODE, 0, 0, .vocab = "statut_source", .sinp = "statut_source"),
    F("count_min", "Count, at least", INT, 0, 0, .dwc = "individualCount", .sinp = "nombre_min"),
    F("count_max", "Count, at most", INT, 0, 0, .sinp = "nombre_max"),
    F("count_object", "What was counted", CODE, 0, 0, .vocab = "obj_denbr", .sinp = "objet_denombrement"),
    F("count_method", "How it was counted", CODE, 0, 0, .vocab = "typ_denbr", .sinp = "type_denombrement"),
    F("method", "Method of observation", LINE, FTS, 0, .dwc = "samplingProtocol"),
    F("stage", "Life stage", LINE, 0, 0, .dwc = "lifeStage"),
    F("severity", "Severity", CODE, LIST, 8, .vocab = "severity"),
    F("follow_up", "Follow-up", LINE, FTS, 0, ),
    F("diffusion", "Precision when published", CODE, 0, 0, .vocab = "niv_precis", .dwc = "dataGeneralizations",
      .sinp = "niveau_precision_diffusion"),
    F("sensitivity", "Sensitivity", CODE, 0, 0, .vocab = "sensibilite"),
    F("comment", "Comment", TEXT, FTS, 0, .dwc = "occurrenceRemarks", .sinp = "comment_occurrence"),
};

static const struct field note[] = {
    F("text", "Text", TEXT, TITLE | REQUIRED | FTS | LIST, 50, .ical = "DESCRIPTION"),
    F("date", "Date", MOMENT, DATE_OF | LIST, 12, .ical = "DTSTART"),
    F("about", "About", REF, SET | OWNER, 0, ),
    F("point", "Point", POINT, PLACE_OF, 0, ),
};

static const struct field file[] = {
    F("name", "Name", LINE, TITLE | REQUIRED | FTS | LIST, 34, .dwc = "title"),
    F("type", "Media type", LINE, LIST, 18, .dwc = "format"),
    F("size", "Size (bytes)", INT, LIST, 10, ),
    F("hash", "Hash of the content", HASH, HIDDEN, 0, ),
    F("date", "Date", MOMENT, DATE_OF, 0, .dwc = "created"),
    F("point", "Point", POINT, PLACE_OF, 0, ),
    F("caption", "Caption", LINE, FTS, 0, .dwc = "description"),
};

/* Of every kind, unless it has one of that name itself: a meeting's notes are its minutes. */
static const struct field common[] = {
    F("tags", "Tags", LINE, SET | FTS | LIST, 16, .vcard = "CATEGORIES", .ical = "CATEGORIES"),
    F("notes", "Free notes", TEXT, FTS, 0, .vcard = "NOTE"),
    F("files", "Files", REF, SET, 0, .refers = "file"),
    F("share", "Sharing", CODE, 0, 0, .vocab = "share", .vcard = "CLASS", .ical = "CLASS"),
    F("review", "Review on", DAY, FUTURE, 0, ),
    F("uid", "Identifier elsewhere", LINE, HIDDEN, 0, .vcard = "UID", .ical = "UID", .dwc = "occurrenceID",
      .sinp = "uuid_perm_sinp"),
    F("extra", "Kept from an import", TEXT, HIDDEN, 0, ),
};

#define K(k, l, p) \
	{ \
		.key = #k, .label = N_(l), .plural = N_(p), .fields = k, .n = LEN(k), .schema = 1 \
	}

static const struct kind kinds[] = {
    K(meeting, "Meeting", "Meetings"),
    K(task, "Follow-up", "Follow-ups"),
    K(decision, "Decision", "Decisions"),
    K(note, "Note", "Notes"),
    K(person, "Person", "People"),
    K(organisation, "Organisation", "Organisations"),
    K(mandate, "Mandate", "Mandates"),
    K(site, "Site", "Sites"),
    K(observation, "Observation", "Observations"),
    K(attendance, "Attendance", "Attendances"),
    K(file, "File", "Files"),
};

const struct kind *const kinds_table = kinds;
const size_t kinds_count = LEN(kinds);
const struct field *const kinds_common = common;
const size_t kinds_common_count = LEN(common);
