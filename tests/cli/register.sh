# SPDX-License-Identifier: GPL-3.0-or-later
#
# Personal data: who is on file and why, what is past its review, and all that is held on one.
. "$SRCDIR/tests/lib.sh"

head -c 64 /dev/urandom >"$T/key" && chmod 600 "$T/key"
a() { "$ARPENT" -n "$T/n.arpent" --key-file "$T/key" "$@"; }
a init --no-words --name Camille >/dev/null
exits empty 0 a register
has empty_counts "$out" "0 people"

a new person name="Alain Roux" phone="04 99 00 11 01" confidential="Entre nous" review=2020-01-31 >/dev/null
a new person name="Jean Bonnet" >/dev/null
echo "un plan" >"$T/plan.txt" && a attach roux "$T/plan.txt" >/dev/null
exits list 0 a register
has list_says_past "$out" "! 31 Jan 2020"
has list_counts "$out" "2 people; 1 past its review, 1 without a date, 2 without purpose or legal ground."
exits due 0 a register --due
lacks due_has_no_other "$out" "Bonnet"
exits json 0 a --json register --due
has json_says_it "$out" '"title":"Alain Roux","purpose":"","ground":"","consent":"","review":"2020-01-31","due":"past"'

exits ground 0 a set roux purpose="mayor of the valley" ground="public task"
exits put_off 0 a register roux --review 2099-06-01
has put_off_says "$out" "review on Monday 1 June 2099"
exits none_due 0 a register --due
lacks put_off_is_not_due "$out" "Roux"
exits no_date 8 a register roux --review "one day"
exits taken_away 0 a register roux --review none
exits which 2 a register --review 2099-06-01
exits nobody 3 a register dupont

exits dossier 0 a register roux
has dossier_has_confidential "$out" "Entre nous"
has dossier_has_history "$out" "What was written"
exits dossier_json 0 a --json register roux
has dossier_json_has_it "$out" '"kind":"person"'
exits folder 0 a register roux -o "$T/held"
has folder_counts "$out" "1 record, 1 files"
is folder_has_all "$(cd "$T/held" && find . -type f | sort | tr '\n' ' ')" \
	"./contact.vcf ./data.jsonl ./dossier.txt ./files/plan.txt "
is folder_is_private "$(stat -c %a "$T/held" "$T/held/dossier.txt" | tr '\n' ' ')" "700 600 "
exits folder_is_not_overwritten 9 a register roux -o "$T/held"
exits document 0 a register -o "$T/register.txt"
has document_says_why "$(cat "$T/register.txt")" "Alain Roux: mayor of the valley ; public task"
exits document_twice 9 a register -o "$T/register.txt"
exits document_forced 0 a register -f -o "$T/register.txt"
finish
