UPDATE crm_orders AS o JOIN (SELECT order_id, SUM(quantity) AS pieces FROM crm_order_lines GROUP BY order_id) AS l ON l.order_id = o.id
SET o.pieces = l.pieces;
