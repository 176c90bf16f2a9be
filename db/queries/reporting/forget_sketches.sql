DELETE FROM report_sketches
