INSERT INTO crm_bought (profile_id, product_id, orders, first_at, last_at)
SELECT o.profile_id, l.product_id, COUNT(DISTINCT o.id), MIN(o.placed_at), MAX(o.placed_at)
FROM crm_orders AS o JOIN crm_order_lines AS l ON l.order_id = o.id
WHERE o.status IN ('paid', 'completed', 'refunded') AND o.deleted_at IS NULL AND l.product_id IS NOT NULL
GROUP BY o.profile_id, l.product_id
ON DUPLICATE KEY UPDATE orders = VALUES(orders), first_at = VALUES(first_at), last_at = VALUES(last_at);
