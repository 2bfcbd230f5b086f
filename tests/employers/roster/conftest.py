import pytest


@pytest.fixture(autouse=True)
def own_uploads(settings, tmp_path):
    """Keep the files of each test apart from those of others."""
    settings.DATA_DIR = tmp_path
