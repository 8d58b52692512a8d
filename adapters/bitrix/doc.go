// Package bitrix reads shops that run on 1C-Bitrix (Bitrix Site Manager) with its modules iblock, catalog and sale.
package bitrix
