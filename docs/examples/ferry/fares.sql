-- What each ship took, dearest first
SELECT v.ship, count(*) AS tickets, sum(t.fare) AS fares
FROM tickets t JOIN voyages v ON v.voyage_id = t.voyage_id
GROUP BY v.ship
ORDER BY fares DESC, v.ship
