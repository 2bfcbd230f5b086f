"""What the wage reports refuse, whoever asks: triggers in plain SQL, reversible.

A report is never changed but to end, once. Lines are checked all at once, by the statement that
wrote them: half a million row-by-row foreign key checks would cost more than the lines.
The queries are EXECUTEd so that each statement is planned for the size it has.
"""

from django.db import migrations

REPORTS = """
CREATE FUNCTION wage_report_refuse() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'wage reports are written once: a new version takes their place'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'wage_report_is_written_once';
END $body$;

CREATE FUNCTION wage_report_only_ends() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    ending text[] := ARRAY['ended_at', 'ended_because', 'ended_by_id', 'total'];
BEGIN
    IF OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL
       AND to_jsonb(NEW) - ending = to_jsonb(OLD) - ending THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a wage report only ends, and once: report %', OLD.id
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'wage_report_only_ends';
END $body$;

CREATE TRIGGER wage_report_only_ends BEFORE UPDATE ON employers_wagereport
    FOR EACH ROW EXECUTE FUNCTION wage_report_only_ends();
CREATE TRIGGER wage_report_is_written_once BEFORE DELETE ON employers_wagereport
    FOR EACH ROW EXECUTE FUNCTION wage_report_refuse();
CREATE TRIGGER wage_report_table_is_never_emptied BEFORE TRUNCATE ON employers_wagereport
    FOR EACH STATEMENT EXECUTE FUNCTION wage_report_refuse();
"""

LINES = """
CREATE FUNCTION wage_line_check() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE found record;
BEGIN
    EXECUTE $query$
        SELECT min(n.id) FILTER (WHERE r.id IS NULL) AS without_report,
               min(n.id) FILTER (WHERE p.id IS NULL) AS without_person
        FROM new_rows n
        LEFT JOIN employers_wagereport r
            ON r.id = n.report_id AND r.month = n.month AND r.ended_at IS NULL
        LEFT JOIN people_person p ON p.id = n.person_id
    $query$ INTO found;
    IF found.without_report IS NOT NULL THEN
        RAISE EXCEPTION 'a wage line stands in a standing report of its month: line %',
            found.without_report
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'wage_line_has_its_report';
    ELSIF found.without_person IS NOT NULL THEN
        RAISE EXCEPTION 'a wage line names a person: line %', found.without_person
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'wage_line_has_its_person';
    END IF;
    RETURN NULL;
END $body$;

CREATE TRIGGER wage_line_has_its_ends AFTER INSERT ON employers_wageline
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION wage_line_check();

CREATE FUNCTION person_with_wages_stays() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF EXISTS (SELECT FROM employers_wageline WHERE person_id = OLD.id) THEN
        RAISE EXCEPTION 'wage lines name person %', OLD.id
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'wage_line_has_its_person';
    END IF;
    RETURN OLD;
END $body$;

CREATE TRIGGER person_with_wages_stays BEFORE DELETE ON people_person
    FOR EACH ROW EXECUTE FUNCTION person_with_wages_stays();
"""

UNDO = """
DROP TRIGGER person_with_wages_stays ON people_person;
DROP FUNCTION person_with_wages_stays();
DROP TRIGGER wage_line_has_its_ends ON employers_wageline;
DROP FUNCTION wage_line_check();
DROP TRIGGER wage_report_table_is_never_emptied ON employers_wagereport;
DROP TRIGGER wage_report_is_written_once ON employers_wagereport;
DROP TRIGGER wage_report_only_ends ON employers_wagereport;
DROP FUNCTION wage_report_only_ends();
DROP FUNCTION wage_report_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("employers", "0001_initial"), ("people", "0001_initial")]

    operations = [migrations.RunSQL(REPORTS + LINES, UNDO)]
