# SPDX-License-Identifier: GPL-3.0-or-later
#
# The main job through the command line, as a person's scripts would do it.
. "$SRCDIR/tests/lib.sh"

head -c 64 /dev/urandom >"$T/key" && chmod 600 "$T/key"
N=$T/n.arpent
a() { "$ARPENT" --notebook "$N" --key-file "$T/key" "$@"; }
short() { printf '%s' "$out" | head -n 1 | cut -d ' ' -f 1; }

exits no_notebook_says_how_to_make_one 3 a list
has no_notebook_names_init "$err" "arpent init"
exits init 0 a init --no-words --name "Camille Serre"
exits init_never_overwrites 9 a init --no-words
is notebook_is_private "$(stat -c %a "$N")" 600

exits new_person 0 a new person name="Alain Roux" function=maire phone="04 99 00 11 01"
roux=$(short)
exits new_person_by_options 0 a new person --name "Hélène Le Goff" --email helene@tetras.example
exits new_site 0 a new site name="Bergerie Haute" point="44.412031, 3.701245"
exits new_unknown_kind_as_json 2 a --json new person2 name=x
has usage_is_an_object "$err" "{\"error\":\"usage\"}"
exits new_unknown_kind 2 a new person2 name=x
has new_unknown_kind_lists_kinds "$err" observation
exits new_bad_date 8 a new task wording=x due="trente-douze"
has new_bad_date_says_which "$err" "trente-douze"
exits new_unknown_field 8 a new task wording=x colour=red

printf '@Roux @Le Goff -@Duval\n! Report accepté (7 pour 1 contre)\n> Roux rédiger l avenant 30 nov\n#pastoralisme ^Bergerie Haute\n' >"$T/minutes"
exits new_meeting 0 a new meeting subject="Convention de pâturage" start="hier 14h" notes=- <"$T/minutes"
meeting=$(short)
exits meeting_is_listed 0 a list meeting
has meeting_title "$out" "Convention de pâturage"
exits decision_is_made 0 a list decision
has decision_wording "$out" "Report accepté"
exits task_is_made 0 a list task --open
has task_wording "$out" "rédiger l avenant"
exits attendance_is_made 0 a list attendance --of "$meeting"
is attendance_counts "$(printf '%s\n' "$out" | wc -l)" 3
exits unknown_person_was_created 0 a show Duval
exits show_by_words 0 a show convention paturage
exits show_meeting 0 a show "$meeting"
has show_has_the_wording "$out" "! Report accepté"
lacks show_has_no_reference "$out" "!{"

exits find_folds_accents 0 a find PATURAGE
has find_finds "$out" "Convention"
exits find_prefix 0 a find conv
exits find_kind 0 a find kind:task avenant
exits find_unknown_kind 2 a find kind:zzz avenant
has find_unknown_kind_lists_kinds "$err" observation
exits find_bad_limit 8 a find roux --limit zz
exits list_bad_limit 8 a list --limit -3
exits find_nothing 3 a find zzzz
exits set 0 a set "$roux" function="maire honoraire"
exits history 0 a history "$roux"
has history_has_both "$out" "maire honoraire"
exits undo 0 a undo
exits show_after_undo 0 a show "$roux"
lacks undo_took_it_back "$out" honoraire
exits redo 0 a redo
exits show_after_redo 0 a show "$roux"
has redo_did_it_again "$out" honoraire
exits rm 0 a rm "$roux"
exits rm_leaves_the_list 0 a list person
lacks rm_is_gone "$out" "Alain Roux"
exits bin 0 a list --bin
has bin_has_it "$out" "Alain Roux"
exits restore 0 a restore "$roux"
exits restore_lists 0 a list person
has restore_is_back "$out" "Alain Roux"

exits json 0 a --json list person
is json_is_one_object_a_line "$(printf '%s\n' "$out" | grep -c '^{"id":"')" 3
exits log_needs_no_key 0 "$ARPENT" --notebook "$N" log "vu au col"
exits log_is_filed 0 a find "vu au col"
has log_is_a_note "$out" "vu au col"
printf 'par un tuyau\n' >"$T/piped"
exits log_reads_a_pipe 0 "$ARPENT" --notebook "$N" log <"$T/piped"
exits log_pipe_is_filed 0 a find tuyau
exits log_empty_is_refused 8 "$ARPENT" --notebook "$N" log ""

echo "plan de la parcelle" >"$T/plan.txt"
exits attach 0 a attach "$meeting" "$T/plan.txt"
file=$(short)
exits extract 0 a extract "$file" "$T/back.txt"
is extract_gives_the_same "$(cat "$T/back.txt")" "plan de la parcelle"
exits extract_never_overwrites 9 a extract "$file" "$T/back.txt"
exits attach_what_is_not_there 3 a attach "$meeting" "$T/nowhere.txt"
has attach_says_there_is_no_file "$err" "no file"

exits personal_note 0 a new note text="à ne pas répéter" share=personal
personal=$(short)
exits export_of_a_kind 0 a export note --format jsonl
lacks personal_stays "$out" "pas répéter"
has personal_is_counted "$err" "1 personal"
exits export_by_name 0 a export "$personal" --format jsonl
has naming_is_saying_so "$out" "pas répéter"

exits check 0 a check
exits backup 0 a backup "$T/copy.arpent"
exits backup_opens 0 "$ARPENT" --notebook "$T/copy.arpent" --key-file "$T/key" find avenant
exits backup_never_overwrites 9 a backup "$T/copy.arpent"

exits rescue 0 a rescue "$T/rescued.jsonl"
has rescue_has_the_records "$(cat "$T/rescued.jsonl")" "Convention de pâturage"

head -c 64 /dev/urandom >"$T/other" && chmod 600 "$T/other"
exits wrong_key 6 "$ARPENT" --notebook "$N" --key-file "$T/other" list
exits not_a_notebook 7 "$ARPENT" --notebook "$T/minutes" --key-file "$T/key" list
exits unknown_command 2 a frobnicate
exits missing_value 2 a list --limit
exits unknown_option 2 a list --colour
for c in init new log list find show set edit rm restore history undo redo attach extract import export id trust seal open passwd recover lock check backup rescue completion; do
	exits "help_of_$c" 0 "$ARPENT" $c --help
done
exits help_of_a_kind 0 "$ARPENT" new meeting --help
has help_of_a_kind_lists_fields "$out" "agenda"
finish
