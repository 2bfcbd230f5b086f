"""What invented people are called and do: lists of our own, no person's name is on them."""

MEN = (
    "Ade", "Agus", "Ahmad", "Asep", "Bahrudin", "Bayu", "Cecep", "Dadang", "Deden", "Didin",
    "Dimas", "Endang", "Fahmi", "Fajar", "Gilang", "Hasan", "Hendra", "Idris", "Ilham", "Imron",
    "Jaenal", "Jajang", "Karta", "Kosim", "Lukman", "Maman", "Misbah", "Nana", "Nurdin", "Oman",
    "Rahmat", "Rizki", "Rohman", "Sahroni", "Samsul", "Sarip", "Suhendi", "Tatang", "Ujang",
    "Wahyu", "Yadi", "Yusup", "Zaenal",
)  # fmt: skip
WOMEN = (
    "Aisah", "Ani", "Atikah", "Cucu", "Dewi", "Eka", "Eneng", "Eti", "Fitri", "Hayati", "Ida",
    "Iis", "Imas", "Jubaedah", "Kartika", "Lilis", "Mariam", "Maya", "Nani", "Neneng", "Nurul",
    "Oom", "Rahma", "Ratna", "Rina", "Rohayati", "Rosita", "Saadah", "Siti", "Sri", "Sumiati",
    "Tini", "Titin", "Umi", "Uun", "Wati", "Wiwin", "Yani", "Yuli", "Zahra",
)  # fmt: skip
SECOND = (
    "Ardiansyah", "Budiman", "Fauzi", "Firmansyah", "Gunawan", "Hakim", "Halim", "Hermawan",
    "Hidayat", "Irawan", "Iskandar", "Junaedi", "Kurniawan", "Maulana", "Mulyadi", "Mulyana",
    "Nugraha", "Permana", "Pratama", "Purnama", "Ramadhan", "Ridwan", "Rosadi", "Rustandi",
    "Saepudin", "Santosa", "Saputra", "Setiawan", "Sobari", "Sudrajat", "Suherman", "Sulaeman",
    "Supriadi", "Suryana", "Sutisna", "Wijaya",
)  # fmt: skip
SECOND_OF_WOMEN = (
    "Amelia", "Andriani", "Anggraeni", "Fatimah", "Handayani", "Hasanah", "Herawati", "Khotimah",
    "Komariah", "Kurniasih", "Kusumawati", "Lestari", "Maesaroh", "Marlina", "Maryati", "Mulyani",
    "Nuraeni", "Nurhayati", "Oktaviani", "Puspitasari", "Rahayu", "Rahmawati", "Rohmah",
    "Rukmini", "Safitri", "Sulastri", "Supriyati", "Suryani", "Susilawati", "Wahyuni", "Widiastuti",
    "Wulandari", "Yuliana",
)  # fmt: skip

# How often an occupation comes up; all others once. Invented, as everything here.
OCCUPATIONS = {
    "Nelayan": 30,
    "Pengemudi ojek online": 30,
    "Pedagang pasar": 22,
    "Pengemudi ojek pangkalan": 14,
    "Buruh harian lepas": 14,
    "Pemilik warung": 14,
    "Asisten rumah tangga": 12,
    "Sopir angkutan kota": 10,
    "Kurir paket": 10,
    "Penjual makanan dan minuman": 10,
    "Tukang batu": 8,
    "Buruh bongkar muat": 8,
    "Petani sayur": 8,
    "Penjahit": 6,
    "Guru mengaji": 6,
    "Pembuat emping": 6,
    "Kader posyandu": 6,
}
# Towards the size of the districts, by their last two digits.
KECAMATAN = {"01": 6, "02": 5, "03": 6, "04": 6, "05": 7, "06": 5, "07": 4, "08": 8}
INCOMES = {
    1_000_000: 50,
    1_200_000: 8,
    1_500_000: 10,
    2_000_000: 10,
    2_500_000: 8,
    3_000_000: 6,
    4_000_000: 4,
    5_500_000: 3,
    8_500_000: 1,
}
