"""What invented firms are called and do; every name ends in "Contoh", so none is a real firm's."""

FORMS = {  # size: legal forms
    "MICRO": ("UD", "Usaha", "CV"),
    "SMALL": ("CV", "PT"),
    "MEDIUM": ("PT",),
    "LARGE": ("PT",),
}
# Line of business: (word in the name, how often); towards what stands in a city of steel and ports.
TRADES = {
    "Industri logam dasar dan baja": ("Baja", 5),
    "Industri barang dari logam": ("Logam", 5),
    "Industri kimia dan petrokimia": ("Kimia", 4),
    "Pembangkit dan distribusi listrik": ("Daya", 2),
    "Pelabuhan dan bongkar muat": ("Dermaga", 4),
    "Angkutan darat barang dan penumpang": ("Trans", 7),
    "Angkutan laut dan penyeberangan": ("Bahari", 2),
    "Galangan kapal": ("Galangan", 1),
    "Penyedia tenaga kerja alih daya": ("Karya", 6),
    "Konstruksi gedung dan bangunan sipil": ("Bangun", 7),
    "Pemasangan instalasi dan perancah": ("Rekayasa", 5),
    "Pengelolaan limbah": ("Lestari", 1),
    "Pergudangan dan penyimpanan": ("Gudang", 3),
    "Bengkel kendaraan": ("Bengkel", 5),
    "Industri makanan dan minuman": ("Pangan", 4),
    "Industri pakaian jadi dan garmen": ("Busana", 2),
    "Industri furnitur": ("Mebel", 2),
    "Percetakan dan penerbitan": ("Cetak", 2),
    "Perdagangan besar dan grosir": ("Niaga", 8),
    "Toko dan pedagang eceran": ("Sumber", 12),
    "Rumah makan dan katering": ("Rasa", 8),
    "Hotel dan penginapan": ("Wisma", 3),
    "Rumah sakit dan pelayanan kesehatan": ("Medika", 3),
    "Apotek": ("Farma", 3),
    "Jasa keamanan": ("Siaga", 3),
    "Pendidikan dan pelatihan": ("Cendekia", 3),
    "Koperasi": ("Koperasi", 2),
    "Jasa profesi (hukum, akuntansi, notaris)": ("Mitra", 2),
}
SECOND = (
    "Abadi", "Agung", "Anyar", "Bahagia", "Bintang", "Cahaya", "Cakra", "Dirgantara", "Elang",
    "Fajar", "Gemilang", "Harapan", "Indah", "Jaya", "Kencana", "Langgeng", "Lumbung", "Mandiri",
    "Mekar", "Merpati", "Mulia", "Nusa", "Ombak", "Pelangi", "Permata", "Prima", "Purnama",
    "Rajawali", "Sagara", "Sejahtera", "Selat", "Semesta", "Sentosa", "Surya", "Tirta", "Tunas",
    "Utama", "Wana", "Wesi", "Wijaya",
)  # fmt: skip
FOREIGN = ("Alex Sample", "Jane Sample", "Kim Sample", "Lee Sample", "Max Sample", "Wei Sample")
STREETS = (
    "Jalan Contoh Raya",
    "Jalan Contoh Timur",
    "Jalan Contoh Barat",
    "Kawasan Industri Contoh",
)
