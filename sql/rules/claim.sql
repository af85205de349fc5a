-- Words of a claim's codes that are not a loaded list. Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- A day in words that a person reads; values that programs read stay YYYY-MM-DD.
CREATE OR REPLACE FUNCTION connex.spoken_day(p_on date) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  RETURN to_char(p_on, 'MM/DD/YYYY');

-- X12 835 CLP02, in words of our own. A code that we do not know is shown as it came.
CREATE OR REPLACE FUNCTION connex.clp_status_words(p_status text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE p_status
    WHEN '1' THEN 'Processed as primary' WHEN '2' THEN 'Processed as secondary' WHEN '3' THEN 'Processed as tertiary'
    WHEN '4' THEN 'Denied'
    WHEN '19' THEN 'Processed as primary, sent on to another payer' WHEN '20' THEN 'Processed as secondary, sent on to another payer'
    WHEN '21' THEN 'Processed as tertiary, sent on to another payer'
    WHEN '22' THEN 'Reversal of an earlier payment' WHEN '23' THEN 'Not our claim, sent on to another payer'
    WHEN '25' THEN 'Estimate only, no payment' ELSE 'Status ' || p_status END;
GRANT EXECUTE ON FUNCTION connex.spoken_day(date), connex.clp_status_words(text) TO connex_reader, connex_app;

-- A claim with its lines, adjustments, remittance, history and what can be done now, as the API shows it (schema Claim).
-- NULL when there is none that the asking role may see. In PL/pgSQL so that plans are kept, with one plain query for each
-- partitioned table: a plan costs by tables times months, and a join over months ten times as much.
CREATE OR REPLACE FUNCTION connex.claim_document(p_claim_id bigint) RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
  c record;
  adjudication record;
  adjustment record;
  line record;
BEGIN
  SELECT k.contractor_no, k.system, k.control_no, k.patient_control_no, k.mbi, k.patient_last_name, k.patient_first_name,
         k.line_of_business, k.status, k.status_on, k.received_on, k.from_on, k.through_on, k.finalized_on, k.charge, k.paid,
         k.patient_responsibility, k.bill_type, k.facility, k.drg, k.diagnoses, k.remittance_id, k.last_adjudication_no
    INTO c FROM connex.claim k WHERE k.claim_id = p_claim_id;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  SELECT json_agg(json_build_object(
           'adjudication_no', a.adjudication_no, 'clp_status', a.clp_status,
           'clp_status_words', connex.clp_status_words(a.clp_status), 'reverses_no', a.reverses_no,
           'adjudicated_on', a.adjudicated_on, 'charge', a.charge::text, 'paid', a.paid::text,
           'patient_responsibility', a.patient_responsibility::text,
           'payment_number', (SELECT r.payment_number FROM connex.remittance r WHERE r.remittance_id = a.remittance_id),
           'remittance_id', a.remittance_id::text) ORDER BY a.adjudication_no) AS shown,
         string_agg(array_to_string(a.remark_codes, ' '), ' ') FILTER (WHERE a.adjudication_no = c.last_adjudication_no) AS remarks,
         array_agg(a.adjudication_no ORDER BY a.adjudicated_on NULLS FIRST, a.adjudication_no) AS nos,
         array_agg(a.clp_status ORDER BY a.adjudicated_on NULLS FIRST, a.adjudication_no) AS statuses,
         array_agg(a.adjudicated_on ORDER BY a.adjudicated_on NULLS FIRST, a.adjudication_no) AS days,
         array_agg('MA130' = ANY (a.remark_codes) ORDER BY a.adjudicated_on NULLS FIRST, a.adjudication_no) AS ma130
    INTO adjudication FROM connex.adjudication a WHERE a.claim_id = p_claim_id;
  SELECT array_agg(j.line_no ORDER BY j.line_no, j.adjustment_no) AS line_nos, array_agg(j.reason_code) AS reasons,
         array_agg(json_build_object(
           'group_code', j.group_code, 'group_words', (SELECT w.words FROM connex.reason_code w WHERE w.list = 'group' AND w.code = j.group_code),
           'reason_code', j.reason_code, 'reason_words', (SELECT w.words FROM connex.reason_code w WHERE w.list = 'CARC' AND w.code = j.reason_code),
           'amount', j.amount::text, 'quantity', trim_scale(j.quantity)::text) ORDER BY j.line_no, j.adjustment_no) AS shown
    INTO adjustment FROM connex.claim_adjustment j
   WHERE j.claim_id = p_claim_id AND j.adjudication_no = c.last_adjudication_no;
  SELECT json_agg(json_build_object(
           'line_no', l.line_no, 'procedure_code', l.procedure_code, 'modifiers', l.modifiers,
           'revenue_code', l.revenue_code, 'units', trim_scale(l.units)::text, 'from_on', l.from_on,
           'through_on', l.through_on, 'charge', l.charge::text, 'allowed', l.allowed::text, 'paid', l.paid::text,
           'place_of_service', l.place_of_service,
           'adjustments', (SELECT coalesce(json_agg(o.shown), '[]')
                             FROM unnest(adjustment.line_nos, adjustment.shown) o(line_no, shown) WHERE o.line_no = l.line_no),
           'remarks', (SELECT coalesce(json_agg(json_build_object('code', g.code, 'words',
                               (SELECT w.words FROM connex.reason_code w WHERE w.list = 'RARC' AND w.code = g.code))), '[]')
                         FROM unnest(l.remark_codes) g(code))) ORDER BY l.line_no) AS shown,
         bool_or('MA130' = ANY (l.remark_codes)) AS ma130, bool_or('N211' = ANY (l.remark_codes)) AS n211
    INTO line FROM connex.claim_line l
   WHERE l.claim_id = p_claim_id AND l.adjudication_no = c.last_adjudication_no;
  RETURN json_build_object(
    'claim_id', p_claim_id::text, 'contractor_no', c.contractor_no, 'system', c.system, 'control_no', c.control_no,
    'patient_control_no', c.patient_control_no, 'mbi', c.mbi, 'patient_last_name', c.patient_last_name,
    'patient_first_name', c.patient_first_name, 'line_of_business', c.line_of_business, 'status', c.status,
    'status_on', c.status_on, 'received_on', c.received_on, 'from_on', c.from_on, 'through_on', c.through_on,
    'finalized_on', c.finalized_on, 'charge', c.charge::text, 'paid', c.paid::text,
    'patient_responsibility', c.patient_responsibility::text, 'bill_type', c.bill_type, 'facility', c.facility, 'drg', c.drg,
    'diagnoses', c.diagnoses,
    'lines', coalesce(line.shown, '[]'),
    'adjustments', (SELECT coalesce(json_agg(o.shown), '[]')
                      FROM unnest(adjustment.line_nos, adjustment.shown) o(line_no, shown) WHERE o.line_no = 0),
    'remarks', (SELECT coalesce(json_agg(json_build_object('code', g.code, 'words',
                        (SELECT w.words FROM connex.reason_code w WHERE w.list = 'RARC' AND w.code = g.code))), '[]')
                  FROM unnest(string_to_array(nullif(adjudication.remarks, ''), ' ')) g(code)),
    'remittance', (SELECT json_build_object('remittance_id', r.remittance_id::text, 'payment_number', r.payment_number,
                                            'method', r.method, 'paid_on', r.paid_on, 'amount', r.amount::text, 'balanced', r.balanced)
                     FROM connex.remittance r WHERE r.remittance_id = c.remittance_id),
    'adjudications', coalesce(adjudication.shown, '[]'),
    'appeal', (SELECT json_build_object('appeal_id', p.appeal_id::text, 'confirmation_no', p.confirmation_no, 'status', p.status,
                                        'outcome', p.outcome, 'filed_at', connex.iso(p.filed_at))
                 FROM connex.appeal p WHERE p.claim_id = p_claim_id AND p.level = 1 AND p.status <> 'withdrawn'),
    'possible_actions', (SELECT json_agg(json_build_object('action', t.action, 'allowed', t.allowed, 'words', t.words, 'rule', t.rule,
                                                           'deadline_on', t.deadline_on, 'days_left', t.days_left))
      FROM connex.claim_triage(p_claim_id, c.status, c.paid, c.finalized_on, adjudication.nos, adjudication.statuses, adjudication.days,
                               adjudication.ma130, adjustment.reasons, coalesce(line.ma130, false), coalesce(line.n211, false)) t));
END
$$;
GRANT EXECUTE ON FUNCTION connex.claim_document(bigint) TO connex_reader, connex_app;
