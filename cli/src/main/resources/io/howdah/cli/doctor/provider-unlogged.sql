-- Neon keeps unlogged tables on the machine that computes, which goes at each restart and when nobody uses it.
SELECT 'warning' AS severity, NULL AS subject, 'unlogged tables on Neon' AS seen,
       concat_ws(E'\n', 'turn scale to zero off for this compute',
         'SELECT ${schema}.namespace_move(''NAME'', ''relaxed'');  -- for what should last longer') AS remedy
WHERE current_setting('howdah_doctor.provider') = 'neon'
