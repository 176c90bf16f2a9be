"""What people and phones read from a PDF, and the files in it."""

import io

import pypdf
import pypdfium2
import zxingcpp


def texts_of(pdf: bytes) -> list[str]:
    """Of each page."""
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def attached(pdf: bytes, name: str) -> bytes:
    (content,) = pypdf.PdfReader(io.BytesIO(pdf)).attachments[name]
    return content


def code_on(pdf: bytes) -> str:
    """What a phone reads from the first page."""
    page = pypdfium2.PdfDocument(pdf)[0].render(scale=3).to_pil()
    (code,) = zxingcpp.read_barcodes(page)
    return code.text
