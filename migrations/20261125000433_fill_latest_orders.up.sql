INSERT INTO crm_latest_orders (profile_id, place, placed_at)
SELECT profile_id, place, placed_at FROM (
  SELECT profile_id, placed_at, ROW_NUMBER() OVER (PARTITION BY profile_id ORDER BY placed_at DESC) AS place
  FROM crm_orders WHERE status IN ('paid', 'completed', 'refunded') AND deleted_at IS NULL AND placed_at IS NOT NULL
) AS t WHERE place BETWEEN 2 AND 5
ON DUPLICATE KEY UPDATE placed_at = VALUES(placed_at);
