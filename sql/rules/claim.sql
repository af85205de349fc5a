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
-- NULL when there is none that the asking role may see. In PL/pgSQL so that its plan is kept, and with each partitioned
-- table named once: every mention of one costs a plan over all its months.
CREATE OR REPLACE FUNCTION connex.claim_document(p_claim_id bigint) RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
  c connex.claim;
BEGIN
  SELECT k.* INTO c FROM connex.claim k WHERE k.claim_id = p_claim_id;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  RETURN (
    WITH adjustment AS MATERIALIZED (
      SELECT j.line_no, json_agg(json_build_object(
               'group_code', j.group_code, 'group_words', g.words, 'reason_code', j.reason_code, 'reason_words', w.words,
               'amount', j.amount::text, 'quantity', trim_scale(j.quantity)::text) ORDER BY j.adjustment_no) AS of_line
        FROM connex.claim_adjustment j
        LEFT JOIN connex.reason_code g ON g.list = 'group' AND g.code = j.group_code
        LEFT JOIN connex.reason_code w ON w.list = 'CARC' AND w.code = j.reason_code
       WHERE j.claim_id = p_claim_id AND j.adjudication_no = c.last_adjudication_no
       GROUP BY j.line_no
    ), adjudication AS MATERIALIZED (
      SELECT a.* FROM connex.adjudication a WHERE a.claim_id = p_claim_id
    )
    SELECT json_build_object(
      'claim_id', c.claim_id::text, 'contractor_no', c.contractor_no, 'system', c.system, 'control_no', c.control_no,
      'patient_control_no', c.patient_control_no, 'mbi', c.mbi, 'patient_last_name', c.patient_last_name,
      'patient_first_name', c.patient_first_name, 'line_of_business', c.line_of_business, 'status', c.status,
      'status_on', c.status_on, 'received_on', c.received_on, 'from_on', c.from_on, 'through_on', c.through_on,
      'finalized_on', c.finalized_on, 'charge', c.charge::text, 'paid', c.paid::text,
      'patient_responsibility', c.patient_responsibility::text, 'bill_type', c.bill_type, 'facility', c.facility, 'drg', c.drg,
      'diagnoses', c.diagnoses,
      'lines', (SELECT coalesce(json_agg(json_build_object(
           'line_no', l.line_no, 'procedure_code', l.procedure_code, 'modifiers', l.modifiers,
           'revenue_code', l.revenue_code, 'units', trim_scale(l.units)::text, 'from_on', l.from_on,
           'through_on', l.through_on, 'charge', l.charge::text, 'allowed', l.allowed::text, 'paid', l.paid::text,
           'place_of_service', l.place_of_service, 'adjustments', coalesce(j.of_line, '[]'),
           'remarks', (SELECT coalesce(json_agg(json_build_object('code', g.code, 'words', w.words) ORDER BY g.n), '[]')
                         FROM unnest(l.remark_codes) WITH ORDINALITY g(code, n)
                         LEFT JOIN connex.reason_code w ON w.list = 'RARC' AND w.code = g.code)) ORDER BY l.line_no), '[]')
         FROM connex.claim_line l
         LEFT JOIN adjustment j ON j.line_no = l.line_no
        WHERE l.claim_id = p_claim_id AND l.adjudication_no = c.last_adjudication_no),
      'adjustments', coalesce((SELECT j.of_line FROM adjustment j WHERE j.line_no = 0), '[]'),
      'remarks', (SELECT coalesce(json_agg(json_build_object('code', g.code, 'words', w.words) ORDER BY g.n), '[]')
         FROM adjudication a CROSS JOIN unnest(a.remark_codes) WITH ORDINALITY g(code, n)
         LEFT JOIN connex.reason_code w ON w.list = 'RARC' AND w.code = g.code
        WHERE a.adjudication_no = c.last_adjudication_no),
      'remittance', (SELECT json_build_object('remittance_id', r.remittance_id::text, 'payment_number', r.payment_number,
                                              'method', r.method, 'paid_on', r.paid_on, 'amount', r.amount::text, 'balanced', r.balanced)
         FROM connex.remittance r WHERE r.remittance_id = c.remittance_id),
      'adjudications', (SELECT coalesce(json_agg(json_build_object(
           'adjudication_no', a.adjudication_no, 'clp_status', a.clp_status,
           'clp_status_words', connex.clp_status_words(a.clp_status), 'reverses_no', a.reverses_no,
           'adjudicated_on', a.adjudicated_on, 'charge', a.charge::text, 'paid', a.paid::text,
           'patient_responsibility', a.patient_responsibility::text,
           'payment_number', r.payment_number, 'remittance_id', a.remittance_id::text) ORDER BY a.adjudication_no), '[]')
         FROM adjudication a LEFT JOIN connex.remittance r ON r.remittance_id = a.remittance_id),
      'appeal', (SELECT json_build_object('appeal_id', p.appeal_id::text, 'confirmation_no', p.confirmation_no, 'status', p.status,
                                          'outcome', p.outcome, 'filed_at', connex.iso(p.filed_at))
         FROM connex.appeal p WHERE p.claim_id = p_claim_id AND p.level = 1 AND p.status <> 'withdrawn'),
      'possible_actions', (SELECT json_agg(json_build_object('action', t.action, 'allowed', t.allowed, 'words', t.words, 'rule', t.rule,
                                                             'deadline_on', t.deadline_on, 'days_left', t.days_left))
         FROM connex.claim_actions(p_claim_id) t)));
END
$$;
GRANT EXECUTE ON FUNCTION connex.claim_document(bigint) TO connex_reader, connex_app;
